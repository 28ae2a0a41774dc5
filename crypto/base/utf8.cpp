// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/utf8.h"

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

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Tail tail = tail_of(static_cast<std::uint8_t>(text[i++]));
    if (tail.count < 0 || static_cast<std::size_t>(tail.count) > text.size() - i) return false;
    for (int j = 0; j < tail.count; ++j, ++i) {
      const auto byte = static_cast<std::uint8_t>(text[i]);
      if (byte < (j == 0 ? tail.first_min : 0x80) || byte > (j == 0 ? tail.first_max : 0xBF)) return false;
    }
  }
  return true;
}

}  // namespace edgeseal
