// SPDX-License-Identifier: GPL-3.0-or-later
// The little of characters that pointing into texts takes.
#pragma once
#include <cstddef>
#include <string_view>

namespace edgeseal::config {

/// A C0 control character or DEL: line breaks and tabs are some too.
[[nodiscard]] bool is_control(char c);

/// Number of characters in UTF-8 text; in other text, of bytes that could begin one.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// `at`, or the nearest place before it that is in the text and does not cut a character.
[[nodiscard]] std::size_t utf8_boundary(std::string_view text, std::size_t at);

}  // namespace edgeseal::config
