// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/utf8.h"

#include <algorithm>
#include <cstdint>

namespace edgeseal::config {
namespace {
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
}  // namespace

std::optional<std::size_t> utf8_error(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto first = static_cast<std::uint8_t>(text[at]);
    if (first < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() - at < length) return at;
    const std::string_view rest = text.substr(at + 1, length - 1);
    if (!std::ranges::all_of(rest, continues)) return at;
    const auto second = static_cast<std::uint8_t>(rest[0]);
    const bool bad = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    if (bad) return at;
    at += length;
  }
  return std::nullopt;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::size_t utf8_boundary(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && continues(text[at])) --at;
  return at;
}

}  // namespace edgeseal::config
