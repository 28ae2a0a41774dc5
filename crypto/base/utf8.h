// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <string_view>

namespace edgeseal {

/// Whether all of `text` is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

struct Utf8Character {
  char32_t character = 0;
  std::size_t bytes = 0;  ///< 0: none begins there
};

/// The well-formed character that `text` begins with, if it does.
[[nodiscard]] Utf8Character first_character(std::string_view text);

/// The number of characters in UTF-8 text. In other text, the number of bytes that could begin a character.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// `at`, or the nearest place before it that is within the text and between two characters.
[[nodiscard]] std::size_t utf8_boundary(std::string_view text, std::size_t at);

}  // namespace edgeseal
