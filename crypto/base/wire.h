// SPDX-License-Identifier: GPL-3.0-or-later
// Big-endian cursors, the one way in which binary formats are read and written. They check bounds.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"

namespace edgeseal {

/// Appends to a buffer that it borrows.
class WireWriter {
 public:
  explicit WireWriter(Bytes& out) : out_(out) {}
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { integer(value); }
  void u32(std::uint32_t value) { integer(value); }
  void u64(std::uint64_t value) { integer(value); }
  void bytes(ByteView value) { append(out_, value); }

 private:
  template <std::unsigned_integral T>
  void integer(T value) {
    for (std::size_t i = sizeof(T); i-- > 0;) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  Bytes& out_;
};

/// Reads from a view that it borrows. A read past the end gives nothing, and does not move the cursor.
class WireReader {
 public:
  explicit WireReader(ByteView in) : in_(in) {}
  [[nodiscard]] std::optional<std::uint8_t> u8() { return integer<std::uint8_t>(); }
  [[nodiscard]] std::optional<std::uint16_t> u16() { return integer<std::uint16_t>(); }
  [[nodiscard]] std::optional<std::uint32_t> u32() { return integer<std::uint32_t>(); }
  [[nodiscard]] std::optional<std::uint64_t> u64() { return integer<std::uint64_t>(); }
  [[nodiscard]] std::optional<ByteView> bytes(std::size_t count) {
    if (count > in_.size() - at_) return std::nullopt;
    const ByteView value = in_.subspan(at_, count);
    at_ += count;
    return value;
  }
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] std::size_t left() const { return in_.size() - at_; }

 private:
  template <std::unsigned_integral T>
  std::optional<T> integer() {
    const auto raw = bytes(sizeof(T));
    if (!raw) return std::nullopt;
    T value = 0;
    for (const std::uint8_t byte : *raw) value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | byte);
    return value;
  }
  ByteView in_;
  std::size_t at_ = 0;
};

}  // namespace edgeseal
