// SPDX-License-Identifier: GPL-3.0-or-later
// What a header may be, clause by clause of message-header.md and structures.md. Tags are esdk_reader_test's business.
#include "crypto/open/esdk_header.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/unit/crypto/open/handmade.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Result<EsdkHeader> parse(ByteView message, std::size_t piece_bytes = 1000) {
  EsdkHeaderParser parser;
  for (std::size_t at = 0; at < message.size(); at += piece_bytes) {
    ByteView piece = message.subspan(at, std::min(piece_bytes, message.size() - at));
    const auto whole = parser.feed(piece);
    if (!whole) return tl::unexpected<Error>(whole.error());
    if (*whole) return parser.take();
  }
  return fail(Kind::transient, "more is needed");
}

Bytes with(std::size_t at, std::uint8_t byte) {
  Bytes message = Handmade{}.message();
  message[at] = byte;
  return message;
}

TEST(EsdkHeaderTest, GivesEachFieldHoweverTheBytesArrive) {
  Handmade made;
  made.context = context_of({{"a", "1"}, {"b", ""}});
  made.edks = {{"ns", "one", Bytes(8, 1)}, {"", "", {}}, {"aws-kms-rsa", "arn", Bytes(512, 2)}};
  const Bytes message = made.message();
  for (const std::size_t piece_bytes : {std::size_t{1}, std::size_t{7}, message.size()}) {
    const auto header = parse(message, piece_bytes);
    ASSERT_THAT(header, IsOk());
    EXPECT_EQ(header->message_id, made.message_id);
    EXPECT_EQ(header->context, (EncryptionContext::Pairs{{"a", "1"}, {"b", ""}}));
    EXPECT_EQ(header->edks, made.edks);
    EXPECT_TRUE(header->framed);
    EXPECT_EQ(header->frame_bytes, 4U);
    EXPECT_EQ(header->commit_key.size(), 32U);
    EXPECT_EQ(header->tag.size(), 16U);
    EXPECT_TRUE(std::equal(header->authenticated.begin(), header->authenticated.end(), message.begin()));
  }
}

TEST(EsdkHeaderTest, LeavesTheBytesAfterIt) {
  const Bytes message = Handmade{}.message();
  EsdkHeaderParser parser;
  ByteView piece = message;
  ASSERT_TRUE(parser.feed(piece).value());
  EXPECT_EQ(message.size() - piece.size(), 112U);
}

TEST(EsdkHeaderTest, WantsMoreForEachCut) {
  const Bytes message = Handmade{}.message();
  for (std::size_t size = 0; size < 112; ++size) {
    EXPECT_THAT(parse(ByteView(message).first(size)), Fails(Kind::transient)) << size;
  }
}

// spec: message-header.md, Supported Versions
TEST(EsdkHeaderTest, RefusesOtherVersions) {
  EXPECT_THAT(parse(with(0, 0)), Fails(Kind::invalid, StartsWith("version: ")));
  EXPECT_THAT(parse(with(0, 3)), Fails(Kind::invalid, StartsWith("version: ")));
  EXPECT_THAT(parse(as_bytes("AgV4...")), Fails(Kind::invalid, AllOf(StartsWith("version: "), HasSubstr("base64 -d"))));
}

// spec: algorithm-suites.md, Supported Algorithm Suites
TEST(EsdkHeaderTest, RefusesOtherSuitesByName) {
  EXPECT_THAT(parse(from_hex("020578").value()),
              Fails(Kind::invalid, AllOf(StartsWith("suite: "),
                                         HasSubstr("0x0578 ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384"))));
  EXPECT_THAT(parse(from_hex("01800178").value()),
              Fails(Kind::invalid, AllOf(HasSubstr("version 1"), HasSubstr("0x0178 ALG_AES_256_GCM_IV12_TAG16_HKDF"))));
  EXPECT_THAT(parse(from_hex("01800478").value()), Fails(Kind::invalid, HasSubstr("version 1")));
  EXPECT_THAT(parse(from_hex("020479").value()), Fails(Kind::invalid, HasSubstr("0x0479, which is unknown")));
}

// spec: message-header.md, Encrypted Data Key Count
TEST(EsdkHeaderTest, RefusesAMessageWithoutEdks) {
  Handmade made;
  made.edks.clear();
  EXPECT_THAT(parse(made.message()), Fails(Kind::corrupt, StartsWith("edk-count: ")));
}

TEST(EsdkHeaderTest, TakesAsManyEdksAsTheCountHolds) {
  Handmade made;
  made.edks.assign(65'535, Edk{"", "", {}});
  const auto header = parse(made.message());
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(header->edks.size(), 65'535U);
}

// spec: message-header.md, Supported Content Types
TEST(EsdkHeaderTest, RefusesOtherContentTypes) {
  for (const int type : {0, 3, 255}) {
    EXPECT_THAT(parse(with(59, static_cast<std::uint8_t>(type))), Fails(Kind::corrupt, StartsWith("content-type: ")))
        << type;
  }
}

// spec: message-header.md, Frame Length
TEST(EsdkHeaderTest, RefusesFramesOfNothingAndFrameLengthsOfUnframedMessages) {
  Handmade made;
  made.frame_bytes = 0;
  EXPECT_THAT(parse(made.message()), Fails(Kind::corrupt, StartsWith("frame-length: ")));
  made.framed = false;
  EXPECT_THAT(parse(made.message()), IsOk());
  made.frame_bytes = 1;
  EXPECT_THAT(parse(made.message()), Fails(Kind::corrupt, StartsWith("frame-length: ")));
}

struct ContextRow {
  const char* name;
  Bytes serialised;
  const char* refusal;
};
void PrintTo(const ContextRow& row, std::ostream* out) { *out << row.name; }

class BadContextTest : public ::testing::TestWithParam<ContextRow> {};

// spec: structures.md, Serialization
TEST_P(BadContextTest, IsRefused) {
  Handmade made;
  made.context = GetParam().serialised;
  EXPECT_THAT(parse(made.message()), Fails(Kind::corrupt, StartsWith(std::string(GetParam().refusal) + ": ")));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadContextTest,
    ::testing::Values(ContextRow{"count alone, zero", from_hex("0000").value(), "context"},
                      ContextRow{"one byte", from_hex("00").value(), "context"},
                      ContextRow{"count without pairs", from_hex("0001").value(), "context"},
                      ContextRow{"key longer than the field", Bytes{0, 1, 0, 5, 'a'}, "context"},
                      ContextRow{"no value", Bytes{0, 1, 0, 1, 'a'}, "context"},
                      ContextRow{"value longer than the field", Bytes{0, 1, 0, 1, 'a', 0, 9, 'b'}, "context"},
                      ContextRow{"a byte after the pairs", Bytes{0, 1, 0, 1, 'a', 0, 1, 'b', 0}, "context"},
                      ContextRow{"count over the pairs", Bytes{0, 2, 0, 1, 'a', 0, 1, 'b'}, "context"},
                      ContextRow{"key is not UTF-8", context_of({{"\xff", "1"}}), "context"},
                      ContextRow{"value is not UTF-8", context_of({{"a", "\xc0\x80"}}), "context"},
                      ContextRow{"a key twice", context_of({{"a", "1"}, {"a", "2"}}), "context-duplicate"},
                      ContextRow{"a pair twice", context_of({{"a", "1"}, {"b", ""}, {"a", "1"}}), "context-duplicate"},
                      ContextRow{"a signature's key", context_of({{"aws-crypto-public-key", "x"}}),
                                 "context-reserved"}));

// Stock SDKs in languages of UTF-16 have sorted by its units; the bytes are authenticated as they stand.
TEST(EsdkHeaderTest, TakesPairsInAnyOrder) {
  Handmade made;
  made.context = context_of({{"b", "1"}, {"a", "2"}});
  EXPECT_EQ(parse(made.message()).value().context, (EncryptionContext::Pairs{{"a", "2"}, {"b", "1"}}));
}

TEST(EsdkHeaderTest, TakesAContextOfEveryByteThatItsLengthHolds) {
  Handmade made;
  made.context = context_of({{"k", std::string(65'535 - 2 - 4 - 1, 'v')}});
  ASSERT_EQ(made.context.size(), 65'535U);
  const auto header = parse(made.message());
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(header->context.at("k").size(), 65'528U);
}

// A length field may claim what it likes; only what arrives is held, and not without end.
TEST(EsdkHeaderTest, IsRefusedPast64MiB) {
  Bytes message(3 + 32 + 2);
  message[0] = 2;
  message[1] = 4;
  message[2] = 0x78;
  append(message, from_hex("ffff").value());  // 65,535 EDKs
  EsdkHeaderParser parser;
  ByteView start = message;
  ASSERT_FALSE(parser.feed(start).value());
  Bytes field(2 + 65'535, 'x');
  field[0] = field[1] = 0xff;
  std::size_t fed = 0;
  for (;;) {
    ByteView piece = field;
    const auto whole = parser.feed(piece);
    fed += field.size();
    if (!whole) {
      EXPECT_THAT(whole, Fails(Kind::invalid, StartsWith("too-large: ")));
      break;
    }
    ASSERT_LT(fed, EsdkHeaderParser::kHeaderBytesMax + 2 * field.size());
  }
}

}  // namespace
}  // namespace edgeseal::crypto
