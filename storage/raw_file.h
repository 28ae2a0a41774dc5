// SPDX-License-Identifier: GPL-3.0-or-later
// A file of the spool as plain bytes, for what SQLite cannot or does not read. Read only.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include "crypto/base/bytes.h"

namespace edgeseal::storage {

/// Big-endian; `at` has four bytes at least.
[[nodiscard]] constexpr std::uint32_t read_u32(ByteView at) {
  return (std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) | (std::uint32_t{at[2]} << 8) | at[3];
}

/// Not to be open while SQLite has the same file open in this process: closing it drops SQLite's POSIX locks.
class RawFile {
 public:
  /// Nothing when there is no such file, or it cannot be opened.
  [[nodiscard]] static std::optional<RawFile> open(const std::filesystem::path& path);
  ~RawFile();
  RawFile(RawFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
  RawFile& operator=(RawFile&&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Fills `out` from `offset`, with zeros past the end. False when the disk does not give it.
  [[nodiscard]] bool read(std::uint64_t offset, MutableByteView out) const;

 private:
  RawFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace edgeseal::storage
