// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes, views of them, and the two spellings people read: hexadecimal and text.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace edgeseal {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;

/// The same memory, seen as bytes or as characters. Both borrow it; nothing is copied or converted.
[[nodiscard]] ByteView as_bytes(std::string_view text);
[[nodiscard]] std::string_view as_text(ByteView bytes);

/// Lower-case hexadecimal with two digits per byte and no separators.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// Takes digits in either case. Gives nothing when a character is no digit, or when their number is odd.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view hex);

/// Base64 with padding (RFC 4648 section 4).
[[nodiscard]] std::string to_base64(ByteView bytes);
/// Gives nothing when the text is not exactly that. Line breaks and blanks between digits are passed over.
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);

/// Appends `tail` to `out`.
void append(Bytes& out, ByteView tail);

/// Compares without stopping at the first difference. Lengths are not secret.
[[nodiscard]] bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace edgeseal
