// SPDX-License-Identifier: GPL-3.0-or-later
// Where opened bytes go: standard output, or a file that appears under its name only when it is whole.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <sys/types.h>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/whole_file.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// As errors name it.
inline constexpr const char* kStandardOutput = "standard output";

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// Appends. Fails with Kind::full or Kind::fault, naming where.
  [[nodiscard]] virtual Result<void> write(ByteView bytes) = 0;
};

/// Gathers small writes. Borrows the descriptor. Threads: one at a time.
class DescriptorSink final : public ByteSink {
 public:
  DescriptorSink(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  [[nodiscard]] Result<void> write(ByteView bytes) override;
  /// Hands on what is gathered.
  [[nodiscard]] Result<void> flush();
  /// Forgets what is gathered.
  void discard() { gathered_.clear(); }

 private:
  [[nodiscard]] Result<void> write_out(ByteView bytes);
  int descriptor_;
  std::string name_;
  PlainBytes gathered_;
};

/// A WholeFile that is written piece by piece. Threads: one at a time.
class FileSink final : public ByteSink {
 public:
  /// Makes the folders above it. Fails with Kind::invalid, naming the file.
  [[nodiscard]] static Result<std::unique_ptr<FileSink>> create(const std::filesystem::path& path);

  [[nodiscard]] Result<void> write(ByteView bytes) override;
  /// What has been written up to here stays; `rewind` goes back to the last mark, or to the beginning.
  [[nodiscard]] Result<void> mark();
  [[nodiscard]] Result<void> rewind();
  /// As WholeFile::commit. Nothing may be written after it.
  [[nodiscard]] Result<void> commit();

 private:
  FileSink(WholeFile file, const std::filesystem::path& path);
  std::filesystem::path path_;
  WholeFile file_;
  DescriptorSink sink_;
  off_t marked_ = 0;
};

}  // namespace edgeseal::agent
