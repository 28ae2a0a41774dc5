// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/bytes.h"

#include <gmock/gmock.h>

namespace edgeseal {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

struct Base64Row {
  std::string_view plain;
  std::string_view encoded;
};
// RFC 4648 section 10.
constexpr Base64Row kBase64Rows[] = {{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"fooba", "Zm9vYmE="},
                                     {"foobar", "Zm9vYmFy"}};

TEST(Base64Test, EncodesAndDecodesTheVectorsOfRfc4648) {
  for (const auto& [plain, encoded] : kBase64Rows) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    EXPECT_THAT(from_base64(encoded), Optional(bytes_of(plain))) << encoded;
  }
}

TEST(Base64Test, UsesThe62ndAnd63rdDigitOfTheStandardAlphabet) {
  const Bytes bytes{0xfb, 0xff, 0xbf};
  EXPECT_EQ(to_base64(bytes), "+/+/");
  EXPECT_THAT(from_base64("+/+/"), Optional(bytes));
}

TEST(Base64Test, PassesOverLineBreaksAndBlanks) {
  EXPECT_THAT(from_base64("Zm9v\r\n YmFy\t\n"), Optional(bytes_of("foobar")));
}

TEST(Base64Test, RefusesWhatIsMalformed) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"Zg", "no padding"},
      {"Zg=", "half the padding"},
      {"Zg===", "too much padding"},
      {"Z===", "one digit of four"},
      {"Z", "a single digit"},
      {"====", "padding alone"},
      {"=", "one pad alone"},
      {"Zg==Zg==", "digits after the padding"},
      {"Z=g=", "padding between digits"},
      {"Zh==", "stray bits after one byte"},
      {"Zm9=", "stray bits after two bytes"},
      {"Zm9-", "URL-safe digits"},
      {"Zm9_", "URL-safe digits"},
      {"Zm9v!", "no digit"},
      {"Zm\xc3\xa9v", "not ASCII"},
      {std::string_view("Zm9\0", 4), "a zero byte"},
  };
  for (const auto& [text, why] : rows) EXPECT_EQ(from_base64(text), std::nullopt) << why;
}

TEST(Base64Test, ReturnsEveryByteOfEveryLength) {
  Bytes bytes;
  for (unsigned i = 0; i < 260; ++i) {
    EXPECT_THAT(from_base64(to_base64(bytes)), Optional(bytes)) << i;
    bytes.push_back(static_cast<std::uint8_t>(i * 7));
  }
}

TEST(HexTest, WritesLowerCaseAndReadsEither) {
  const Bytes bytes{0x00, 0x09, 0xab, 0xff};
  EXPECT_EQ(to_hex(bytes), "0009abff");
  EXPECT_THAT(from_hex("0009abff"), Optional(bytes));
  EXPECT_THAT(from_hex("0009ABfF"), Optional(bytes));
  EXPECT_THAT(from_hex(""), Optional(Bytes{}));
}

TEST(HexTest, RefusesWhatIsNone) {
  for (const std::string_view text : {"0", "000", "0g", "g0", "0x00", " 00", "00 ", "0:", "/0", "0@", "`0", "\xc3\xa9"})
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

TEST(BytesTest, AppendsAndSeesTextAsBytes) {
  Bytes out{1};
  append(out, as_bytes("AB"));
  append(out, {});
  EXPECT_THAT(out, ElementsAre(1, 'A', 'B'));
  EXPECT_EQ(as_text(ByteView(out).subspan(1)), "AB");
}

TEST(EqualInConstantTimeTest, FindsADifferenceAtEveryPlace) {
  const Bytes bytes{1, 2, 3, 4};
  EXPECT_TRUE(equal_in_constant_time(bytes, bytes));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_FALSE(equal_in_constant_time(bytes, ByteView(bytes).first(3)));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes other = bytes;
    other[at] ^= 0x80;
    EXPECT_FALSE(equal_in_constant_time(bytes, other)) << at;
  }
}

}  // namespace
}  // namespace edgeseal
