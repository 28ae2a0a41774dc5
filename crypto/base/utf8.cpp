// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace edgeseal {
namespace {

/// How many bytes follow `lead`, and which range the first of them has (RFC 3629 section 4). Negative: no lead byte.
struct Tail {
  int count;
  std::uint8_t first_min = 0x80;
  std::uint8_t first_max = 0xBF;
};

Tail tail_of(std::uint8_t lead) {
  if (lead < 0x80) return {0};
  if (lead >= 0xC2 && lead <= 0xDF) return {1};
  if (lead == 0xE0) return {2, 0xA0};
  if (lead == 0xED) return {2, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {2};
  if (lead == 0xF0) return {3, 0x90};
  if (lead >= 0xF1 && lead <= 0xF3) return {3};
  if (lead == 0xF4) return {3, 0x80, 0x8F};
  return {-1};
}

/// Only bytes after the first of a character are 10xxxxxx (RFC 3629 section 3).
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

Utf8Character first_character(std::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<std::uint8_t>(text[0]);
  const Tail tail = tail_of(lead);
  if (tail.count < 0 || static_cast<std::size_t>(tail.count) >= text.size()) return {};
  // The lead byte of n bytes keeps 7 - n bits; a lone byte all seven.
  char32_t character = tail.count == 0 ? lead : lead & (0x3FU >> static_cast<unsigned>(tail.count));
  for (int i = 1; i <= tail.count; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[static_cast<std::size_t>(i)]);
    if (byte < (i == 1 ? tail.first_min : 0x80) || byte > (i == 1 ? tail.first_max : 0xBF)) return {};
    character = (character << 6U) | (byte & 0x3FU);
  }
  return {character, static_cast<std::size_t>(tail.count) + 1};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = first_character(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::size_t utf8_boundary(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  while (at > 0 && at < text.size() && continues(text[at])) --at;
  return at;
}

}  // namespace edgeseal
