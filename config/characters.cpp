// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/characters.h"

#include <algorithm>

namespace edgeseal::config {
namespace {
/// RFC 3629 section 3: only bytes after the first of a character are 10xxxxxx.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
}  // namespace

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::size_t utf8_boundary(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  while (at > 0 && at < text.size() && continues(text[at])) --at;
  return at;
}

}  // namespace edgeseal::config
