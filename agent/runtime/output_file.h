// SPDX-License-Identifier: GPL-3.0-or-later
// A file that appears under its name only when it is whole.
#pragma once
#include <filesystem>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::agent {

/// Writes aside, in the same folder; `commit` syncs and renames. What is not committed is removed.
/// Errors name the file; Kind::transient. Threads: one at a time.
class OutputFile {
 public:
  /// Mode 0600: only the user may read it.
  [[nodiscard]] static Result<OutputFile> create(const std::filesystem::path& path);
  /// Writes straight to a descriptor that it borrows: standard output.
  [[nodiscard]] static Result<OutputFile> stream(int descriptor);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  [[nodiscard]] Result<void> write(ByteView bytes);
  [[nodiscard]] Result<void> commit();

 private:
  OutputFile(int descriptor, std::filesystem::path path, std::string temporary);
  int descriptor_;
  std::filesystem::path path_;
  std::string temporary_;  ///< empty: a stream
};

}  // namespace edgeseal::agent
