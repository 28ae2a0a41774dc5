// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/utf8.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace edgeseal {
namespace {

struct TextRow {
  std::string_view name;
  std::string text;
};

TEST(Utf8Test, TakesWhatIsWellFormed) {
  const TextRow rows[] = {{"empty", ""},
                          {"ASCII", "plant/7"},
                          {"a zero byte", std::string(1, '\0')},
                          {"last ASCII", "\x7f"},
                          {"first of two bytes", "\xc2\x80"},
                          {"last of two bytes", "\xdf\xbf"},
                          {"first of three bytes", "\xe0\xa0\x80"},
                          {"last before the surrogates", "\xed\x9f\xbf"},
                          {"first after the surrogates", "\xee\x80\x80"},
                          {"last of three bytes", "\xef\xbf\xbf"},
                          {"first of four bytes", "\xf0\x90\x80\x80"},
                          {"last code point", "\xf4\x8f\xbf\xbf"},
                          {"mixed", "größe 機械 🚚 x"}};
  for (const auto& [name, text] : rows) EXPECT_TRUE(is_utf8(text)) << name;
}

TEST(Utf8Test, RefusesWhatIsNot) {
  const TextRow rows[] = {{"a continuation alone", "\x80"},
                          {"a continuation after ASCII", "a\xbf"},
                          {"overlong slash in two bytes", "\xc0\xaf"},
                          {"overlong in two bytes, last", "\xc1\xbf"},
                          {"overlong in three bytes", "\xe0\x80\xaf"},
                          {"overlong in three bytes, last", "\xe0\x9f\xbf"},
                          {"overlong in four bytes", "\xf0\x80\x80\xaf"},
                          {"overlong in four bytes, last", "\xf0\x8f\xbf\xbf"},
                          {"overlong zero", std::string("\xc0\x80")},
                          {"first high surrogate", "\xed\xa0\x80"},
                          {"last low surrogate", "\xed\xbf\xbf"},
                          {"a surrogate pair", "\xed\xa0\x81\xed\xb0\x80"},
                          {"first above U+10FFFF", "\xf4\x90\x80\x80"},
                          {"lead byte F5", "\xf5\x80\x80\x80"},
                          {"lead byte FE", "\xfe"},
                          {"lead byte FF", "\xff"},
                          {"five bytes", "\xf8\x88\x80\x80\x80"},
                          {"two bytes cut", "\xc3"},
                          {"three bytes cut", "\xe6\xa9"},
                          {"four bytes cut", "\xf0\x9f\x9a"},
                          {"second byte is ASCII", "\xc3("},
                          {"third byte is ASCII", "\xe6\xa9("},
                          {"fourth byte is ASCII", "\xf0\x9f\x9a("},
                          {"third byte is a lead", "\xe6\xa9\xc3"},
                          {"good, then bad", "größe\xff"}};
  for (const auto& [name, text] : rows) EXPECT_FALSE(is_utf8(text)) << name;
}

/// RFC 3629 section 3, encoding by arithmetic alone.
std::string encode(std::uint32_t point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xc0 | (point >> 6)), byte(0x80 | (point & 0x3f))};
  if (point < 0x10000)
    return {byte(0xe0 | (point >> 12)), byte(0x80 | ((point >> 6) & 0x3f)), byte(0x80 | (point & 0x3f))};
  return {byte(0xf0 | (point >> 18)), byte(0x80 | ((point >> 12) & 0x3f)), byte(0x80 | ((point >> 6) & 0x3f)),
          byte(0x80 | (point & 0x3f))};
}

TEST(Utf8Test, AgreesWithTheEncodingOfEveryCodePoint) {
  for (std::uint32_t point = 0; point < 0x120000; ++point) {
    const bool valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    ASSERT_EQ(is_utf8(encode(point)), valid) << std::hex << point;
  }
}

}  // namespace
}  // namespace edgeseal
