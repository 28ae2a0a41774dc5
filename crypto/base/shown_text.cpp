// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/shown_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "crypto/base/utf8.h"

namespace edgeseal {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// In order. Unicode 15: general categories Cc, Zl, Zp, and Default_Ignorable_Code_Point without the variation
// selectors, which pictures are made of.
constexpr std::array kUnshowable{
    Range{0x0000, 0x001F},   Range{0x007F, 0x009F},   Range{0x00AD, 0x00AD},   Range{0x034F, 0x034F},
    Range{0x061C, 0x061C},   Range{0x115F, 0x1160},   Range{0x17B4, 0x17B5},   Range{0x180B, 0x180F},
    Range{0x200B, 0x200F},   Range{0x2028, 0x202E},   Range{0x2060, 0x206F},   Range{0x3164, 0x3164},
    Range{0xFDD0, 0xFDEF},   Range{0xFEFF, 0xFEFF},   Range{0xFFA0, 0xFFA0},   Range{0xFFF0, 0xFFFB},
    Range{0xFFFE, 0xFFFF},   Range{0x1BCA0, 0x1BCA3}, Range{0x1D173, 0x1D17A}, Range{0xE0000, 0xE00FF},
    Range{0xE01F0, 0xE0FFF},
};

template <typename... Values>
void put(std::string& out, const char* format, Values... values) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  out += text.data();
}

void show(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const Utf8Character next = first_character(text);
    if (next.bytes == 0) {
      put(out, "\\x%02X", static_cast<unsigned>(static_cast<std::uint8_t>(text[0])));
      text.remove_prefix(1);
      continue;
    }
    if (is_unshowable(next.character)) {
      put(out, "\\u{%X}", static_cast<unsigned>(next.character));
    } else {
      if (next.character == U'\\') out += '\\';
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
}

/// The nearest place at or before `at` where a character may begin.
std::size_t boundary(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  for (std::size_t back = 0; back < 4 && back <= at; ++back) {
    if ((static_cast<std::uint8_t>(text[at - back]) & 0xC0U) != 0x80) return at - back;
  }
  return at;
}

/// What is shown of a text. What an error says last is why: both ends are of use.
struct Ends {
  std::string_view begin{};
  std::string_view end{};
  bool cut = false;
};
Ends ends_of(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return {.begin = text};
  return {.begin = text.substr(0, boundary(text, bytes_max - bytes_max / 3)),
          .end = text.substr(boundary(text, text.size() - bytes_max / 3)),
          .cut = true};
}

void put_json(std::string& out, char32_t character) {
  const auto number = static_cast<unsigned>(character);
  if (number < 0x10000) return put(out, "\\u%04x", number);
  put(out, "\\u%04x\\u%04x", 0xD800 + ((number - 0x10000) >> 10U), 0xDC00 + ((number - 0x10000) & 0x3FFU));
}

}  // namespace

bool is_unshowable(char32_t character) {
  const auto* range = std::lower_bound(kUnshowable.begin(), kUnshowable.end(), character,
                                       [](const Range& r, char32_t value) { return r.last < value; });
  return range != kUnshowable.end() && character >= range->first;
}

std::string shown(std::string_view text, std::size_t bytes_max) {
  const Ends ends = ends_of(text, bytes_max);
  std::string out;
  show(ends.begin, out);
  if (ends.cut) out += "…";
  show(ends.end, out);
  return out;
}

std::string shortened(std::string_view text, std::size_t bytes_max) {
  const Ends ends = ends_of(text, bytes_max);
  return std::string(ends.begin) + (ends.cut ? "…" : "") + std::string(ends.end);
}

std::string shown_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const auto byte = static_cast<std::uint8_t>(json[0]);
    const Utf8Character next = byte < 0x7F ? Utf8Character{byte, 1} : first_character(json);
    const std::size_t bytes = std::max<std::size_t>(next.bytes, 1);
    if (next.bytes == 0) {
      put_json(out, 0xFFFD);
    } else if (byte >= 0x7F && is_unshowable(next.character)) {
      put_json(out, next.character);
    } else {
      out += json.substr(0, bytes);
    }
    json.remove_prefix(bytes);
  }
  return out;
}

}  // namespace edgeseal
