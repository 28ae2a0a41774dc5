// SPDX-License-Identifier: GPL-3.0-or-later
// The little of UTF-8 that reading and pointing into files takes. Source: RFC 3629.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace edgeseal::config {

/// Place of the first byte that begins no well-formed character (overlong forms, surrogates and values above U+10FFFF
/// are not well-formed); nothing when all of it is UTF-8.
[[nodiscard]] std::optional<std::size_t> utf8_error(std::string_view text);

/// Number of characters in well-formed text.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// `at`, or the nearest place before it that does not cut a character.
[[nodiscard]] std::size_t utf8_boundary(std::string_view text, std::size_t at);

}  // namespace edgeseal::config
