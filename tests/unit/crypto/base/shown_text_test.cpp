// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/shown_text.h"

#include <random>

#include <gmock/gmock.h>

#include "crypto/base/utf8.h"

namespace edgeseal {
namespace {

std::string utf8(char32_t c) {
  const auto byte = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | (c >> 6U)), byte(0x80 | (c & 0x3FU))};
  if (c < 0x10000) return {byte(0xE0 | (c >> 12U)), byte(0x80 | ((c >> 6U) & 0x3FU)), byte(0x80 | (c & 0x3FU))};
  return {byte(0xF0 | (c >> 18U)), byte(0x80 | ((c >> 12U) & 0x3FU)), byte(0x80 | ((c >> 6U) & 0x3FU)),
          byte(0x80 | (c & 0x3FU))};
}

/// The text that `line` shows: the other direction of shown(), by itself.
std::string meant(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\') {
      text += line[i];
    } else if (line[++i] == 'x') {
      text += static_cast<char>(std::stoi(std::string(line.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else if (line[i] == 'u') {
      const std::size_t end = line.find('}', i);
      text += utf8(static_cast<char32_t>(std::stoul(std::string(line.substr(i + 2, end - i - 2)), nullptr, 16)));
      i = end;
    } else {
      text += line[i];
    }
  }
  return text;
}

bool holds_unshowable(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character next = first_character(text);
    if (next.bytes == 0 || is_unshowable(next.character)) return true;
    text.remove_prefix(next.bytes);
  }
  return false;
}

TEST(ShownText, TellsEachCharacterAmongAll) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string line = shown("a" + utf8(c) + "z");
    ASSERT_FALSE(holds_unshowable(line)) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(meant(line), "a" + utf8(c) + "z") << std::hex << static_cast<unsigned>(c);
  }
}

TEST(ShownText, IsShortenedAlikeWithAndWithoutEscapes) {
  EXPECT_EQ(shortened("a\n\\b"), "a\n\\b");
  EXPECT_EQ(shortened("1234567890", 9), "123456…890");
  EXPECT_EQ(shortened("123456\u00e9890", 9), "123456…890") << "no character is cut";
  EXPECT_LE(shortened(std::string(1'000'000, 'x')).size(), kShownBytesMax + 3);
}

TEST(ShownText, NamesWhatMayNotBeShown) {
  for (const auto& [first, last] : std::initializer_list<std::pair<char32_t, char32_t>>{{0x00, 0x1F},
                                                                                        {0x7F, 0x9F},
                                                                                        {0x061C, 0x061C},
                                                                                        {0x200B, 0x200F},
                                                                                        {0x2028, 0x202E},
                                                                                        {0x2066, 0x2069},
                                                                                        {0xFEFF, 0xFEFF}}) {
    for (char32_t c = first; c <= last; ++c) EXPECT_TRUE(is_unshowable(c)) << std::hex << static_cast<unsigned>(c);
  }
  for (const char32_t c : {U' ', U'~', U'\u00A0', U'ä', U'Ж', U'中', U'א', U'…', U'😀', U'\uFE0F'}) {
    EXPECT_FALSE(is_unshowable(c)) << std::hex << static_cast<unsigned>(c);
  }
}

TEST(ShownText, IsReadable) {
  EXPECT_EQ(shown("plant/7: höhe"), "plant/7: höhe");
  EXPECT_EQ(shown("a\x1b[2J\n"), "a\\u{1B}[2J\\u{A}");
  EXPECT_EQ(shown("a\u009bb\u202ec"), "a\\u{9B}b\\u{202E}c");
  EXPECT_EQ(shown("a\xffz\xc3"), "a\\xFFz\\xC3");
  EXPECT_EQ(shown("\\u{1B}"), "\\\\u{1B}");
}

TEST(ShownText, ShowsBothEndsOfWhatIsTooLong) {
  EXPECT_EQ(shown("123456789", 9), "123456789");
  EXPECT_EQ(shown("1234567890", 9), "123456…890");
  const std::string line = shown(std::string(10'000'000, 'x') + ": why");
  EXPECT_LE(line.size(), kShownBytesMax + 3);
  EXPECT_THAT(line, ::testing::EndsWith(": why"));
  // Whatever is cut, a character is whole or gone.
  for (std::size_t bound = 1; bound < 40; ++bound) {
    EXPECT_TRUE(is_utf8(shown("ääää中中中中中😀😀😀😀😀ää", bound)));
    EXPECT_THAT(shown("ääää中中中中中😀😀😀😀😀ää", bound), ::testing::Not(::testing::HasSubstr("\\x"))) << bound;
  }
}

TEST(ShownText, IsSafeOfAnyBytesAndMeansThem) {
  constexpr std::string_view kBytes("\\xu{}AF0\x1b\x7f\xc2\x9b\xe2\x80\xae\xef\xbb\xbf\xf0\x9f\xff\n\0", 23);
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 24, '\0');
    for (char& c : text) c = kBytes[random() % kBytes.size()];
    const std::string line = shown(text);
    ASSERT_FALSE(holds_unshowable(line)) << line;
    ASSERT_EQ(meant(line), text);
  }
}

TEST(ShownJson, KeepsItsValueAndHidesNothing) {
  EXPECT_EQ(shown_json("{\"a\":\"\u009b\u202e\x7f ä\"}\n"), "{\"a\":\"\\u009b\\u202e\\u007f ä\"}\n");
  EXPECT_EQ(shown_json("\"" + utf8(0xE0041) + "\""), "\"\\udb40\\udc41\"");
  EXPECT_EQ(shown_json("\"\xff\""), "\"\\ufffd\"");
}

}  // namespace
}  // namespace edgeseal
