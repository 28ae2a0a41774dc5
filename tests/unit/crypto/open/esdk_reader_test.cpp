// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/esdk_reader.h"

#include <gtest/gtest.h>

#include "crypto/envelope/esdk_writer.h"
#include "tests/support/flipped_bits.h"
#include "tests/support/matchers.h"
#include "tests/support/random.h"
#include "tests/unit/crypto/envelope/golden.h"
#include "tests/unit/crypto/open/given_key.h"
#include "tests/unit/crypto/open/handmade.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A handmade message's header is this long while its fields keep their sizes.
constexpr std::size_t kHeaderBytes = 112;
constexpr std::size_t kFrameBytes = 4 + 12 + 4 + 16;

Opened open_made(const Handmade& made) {
  GivenKey key(made.data_key);
  return open_message(made.message(), key);
}

Opened open_changed(const std::function<void(Bytes&)>& change) {
  Handmade made;
  Bytes message = made.message();
  change(message);
  GivenKey key(made.data_key);
  return open_message(message, key);
}

class GoldenReadingTest : public ::testing::TestWithParam<Golden> {};

TEST_P(GoldenReadingTest, GivesThePlaintextHoweverTheBytesArrive) {
  const Golden& golden = GetParam();
  for (const std::size_t piece_bytes : {std::size_t{1}, std::size_t{13}, std::size_t{4096}, golden.message.size()}) {
    GivenKey key(golden.data_key);
    const Opened opened = open_message(golden.message, key, piece_bytes);
    ASSERT_THAT(opened.result, IsOk()) << piece_bytes;
    EXPECT_TRUE(opened.plaintext == as_text(golden.plaintext)) << piece_bytes;
    EXPECT_EQ(key.asked, 1);
    EXPECT_EQ(key.edks_seen, golden.edks.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenReadingTest, ::testing::ValuesIn(golden_messages()));

TEST(EsdkReaderTest, ReleasesFrameByFrame) {
  Handmade made;
  GivenKey key(made.data_key);
  EsdkReader reader(key);
  const Bytes message = made.message();
  std::vector<std::string> frames;
  const auto release = [&frames](ByteView plaintext) -> Result<void> {
    frames.emplace_back(as_text(plaintext));
    return {};
  };
  ASSERT_THAT(reader.feed(ByteView(message).first(kHeaderBytes + kFrameBytes - 1), release), IsOk());
  EXPECT_TRUE(frames.empty()) << "the last byte of the tag is missing";
  ASSERT_THAT(reader.feed(ByteView(message).subspan(kHeaderBytes + kFrameBytes - 1, 1), release), IsOk());
  EXPECT_EQ(frames, std::vector<std::string>({"abcd"}));
  ASSERT_THAT(reader.feed(ByteView(message).subspan(kHeaderBytes + kFrameBytes), release), IsOk());
  EXPECT_EQ(frames, std::vector<std::string>({"abcd", "efgh", "ij"}));
  EXPECT_THAT(reader.finish(), IsOk());
}

TEST(EsdkReaderTest, GivesTheContextOnlyOnceTheHeaderHasVerified) {
  Handmade made;
  made.context = context_of({{"route", "a"}});
  const Bytes message = made.message();
  GivenKey key(made.data_key);
  EsdkReader reader(key);
  const auto release = [](ByteView) -> Result<void> { return {}; };
  const std::size_t header_bytes = kHeaderBytes + made.context.size();
  ASSERT_THAT(reader.feed(ByteView(message).first(header_bytes - 1), release), IsOk());
  EXPECT_EQ(reader.context(), nullptr);
  ASSERT_THAT(reader.feed(ByteView(message).subspan(header_bytes - 1, 1), release), IsOk());
  ASSERT_NE(reader.context(), nullptr);
  EXPECT_EQ(reader.context()->at("route"), "a");
}

TEST(EsdkReaderTest, ReleasesNothingOfADamagedFrameNorAfterIt) {
  const Opened opened = open_changed([](Bytes& message) { message[kHeaderBytes + kFrameBytes + 16] ^= 1; });
  EXPECT_THAT(opened.result, Fails(Kind::corrupt, AllOf(StartsWith("frame-tag: "), HasSubstr("frame 2"))));
  EXPECT_EQ(opened.plaintext, "abcd");
}

TEST(EsdkReaderTest, HandsOnTheErrorOfWhoTakesThePlaintext) {
  Handmade made;
  GivenKey key(made.data_key);
  EsdkReader reader(key);
  EXPECT_THAT(reader.feed(made.message(), [](ByteView) -> Result<void> { return fail(Kind::full, "disk full"); }),
              Fails(Kind::full, "disk full"));
}

// spec: decrypt.md: the derived commit key equals the one in the header.
TEST(EsdkReaderTest, RefusesAnotherDataKeyByTheCommitment) {
  GivenKey other(Bytes(32, 0x99));
  const Opened opened = open_message(Handmade{}.message(), other);
  EXPECT_THAT(opened.result, Fails(Kind::corrupt, StartsWith("commitment: ")));
  EXPECT_EQ(opened.plaintext, "");
}

// The header's tag verifies: the commitment alone is another.
TEST(EsdkReaderTest, EveryBitOfTheCommitmentCounts) {
  Handmade handmade;
  const auto derived = derive_message_keys(SecretBytes::copy_of(handmade.data_key), handmade.message_id).value();
  test::expect_every_bit_counts(derived.commit_key, [&handmade](const Bytes& commit_key) {
    handmade.commit_key = commit_key;
    GivenKey key(handmade.data_key);
    const Opened opened = open_message(handmade.message(), key);
    EXPECT_TRUE(opened.result || refused_as(opened.result) == "commitment");
    return opened.result.has_value();
  });
}

TEST(EsdkReaderTest, RefusesAChangedHeader) {
  EXPECT_THAT(open_changed([](Bytes& message) { message[kHeaderBytes - 1] ^= 1; }).result,
              Fails(Kind::corrupt, StartsWith("header-tag: ")));
  EXPECT_THAT(open_changed([](Bytes& message) { message[55] ^= 1; }).result,
              Fails(Kind::corrupt, StartsWith("header-tag: ")))
      << "an EDK";
}

// spec: message-body.md, Sequence Number
TEST(EsdkReaderTest, RefusesFramesOutOfPlace) {
  Handmade made;
  made.frames = {{"abcd", 2}, {"ij", 3, true}};
  EXPECT_THAT(open_made(made).result, Fails(Kind::corrupt, StartsWith("frame-sequence: ")));
  made.frames = {{"abcd", 1}, {"abcd", 1}, {"ij", 2, true}};
  EXPECT_THAT(open_made(made).result, Fails(Kind::corrupt, StartsWith("frame-sequence: ")));
  made.frames = {{"abcd", 1}, {"ij", 3, true}};
  EXPECT_THAT(open_made(made).result, Fails(Kind::corrupt, StartsWith("frame-sequence: ")));
  made.frames = {{"abcd", 0}, {"ij", 1, true}};
  EXPECT_THAT(open_made(made).result, Fails(Kind::corrupt, StartsWith("frame-sequence: ")));
}

TEST(EsdkReaderTest, RefusesSwappedFrames) {
  const Opened opened = open_changed([](Bytes& message) {
    std::swap_ranges(message.begin() + kHeaderBytes, message.begin() + kHeaderBytes + kFrameBytes,
                     message.begin() + kHeaderBytes + kFrameBytes);
  });
  EXPECT_THAT(opened.result, Fails(Kind::corrupt, StartsWith("frame-sequence: ")));
  EXPECT_EQ(opened.plaintext, "");
}

// spec: decrypt.md: the IV is the sequence number, padded with 0.
TEST(EsdkReaderTest, RefusesAnIvThatIsNotTheSequenceNumberEvenIfItsTagVerifies) {
  Handmade made;
  made.frames = {{"abcd", 1, false, 7}, {"ij", 2, true}};
  EXPECT_THAT(open_made(made).result, Fails(Kind::corrupt, StartsWith("frame-iv: ")));
  made.frames = {{"ij", 1, true, 0}};
  EXPECT_THAT(open_made(made).result, Fails(Kind::corrupt, StartsWith("frame-iv: ")));
  made.framed = false;
  made.frame_bytes = 0;
  EXPECT_THAT(open_made(made).result, Fails(Kind::corrupt, StartsWith("frame-iv: ")));
}

// spec: message-body.md, Final Frame
TEST(EsdkReaderTest, RefusesAFinalFrameOverTheFrameLength) {
  Handmade made;
  made.frames = {{"abcde", 1, true}};
  EXPECT_THAT(open_made(made).result, Fails(Kind::corrupt, StartsWith("frame-length: ")));
}

TEST(EsdkReaderTest, TakesEachWayAPlaintextMayEnd) {
  Handmade made;
  made.frames = {{"abcd", 1}, {"", 2, true}};
  EXPECT_EQ(open_made(made).plaintext, "abcd") << "an empty final frame after full ones";
  made.frames = {{"abcd", 1, true}};
  EXPECT_EQ(open_made(made).plaintext, "abcd") << "a full final frame";
  made.frames = {{"", 1, true}};
  EXPECT_THAT(open_made(made).result, IsOk()) << "nothing at all";
  made.frame_bytes = 1;
  made.frames = {{"a", 1}, {"b", 2}, {"c", 3, true}};
  EXPECT_EQ(open_made(made).plaintext, "abc") << "frames of one byte";
}

// spec: message-body.md, Non-Framed Data
TEST(EsdkReaderTest, OpensUnframedMessages) {
  Handmade made;
  made.framed = false;
  made.frame_bytes = 0;
  made.frames = {{"a body in one piece", 1}};
  EXPECT_EQ(open_made(made).plaintext, "a body in one piece");
  made.frames = {{"", 1}};
  EXPECT_THAT(open_made(made).result, IsOk());

  GivenKey key(made.data_key);
  Bytes message = made.message();
  message.push_back(0);
  EXPECT_THAT(open_message(message, key).result, Fails(Kind::corrupt, StartsWith("trailing: ")));
}

TEST(EsdkReaderTest, RefusesUnframedBodiesThatClaimTooMuch) {
  for (const auto& [claim, refusal] : {std::pair{std::string("0000001000000000"), "frame-length"},
                                       {"0000000fffffffe0", "too-large"},
                                       {"ffffffffffffffff", "frame-length"}}) {
    Handmade made;
    made.framed = false;
    made.frame_bytes = 0;
    made.frames = {};
    Bytes message = made.message();
    append(message, from_hex("000000000000000000000001" + claim).value());
    GivenKey key(made.data_key);
    EXPECT_EQ(refused_as(open_message(message, key).result), refusal) << claim;
  }
}

// A frame length is a claim: what matters is what a frame really holds.
TEST(EsdkReaderTest, TakesAHugeFrameLengthWhenTheFramesAreSmall) {
  Handmade made;
  made.frame_bytes = 0xFFFFFFFF;
  made.frames = {{"ij", 1, true}};
  EXPECT_EQ(open_made(made).plaintext, "ij");
  made.frames = {};
  Bytes message = made.message();
  append(message, from_hex("00000001000000000000000000000001").value());
  GivenKey key(made.data_key);
  EXPECT_THAT(open_message(message, key).result, Fails(Kind::invalid, StartsWith("too-large: ")));
}

TEST(EsdkReaderTest, RefusesBytesAfterTheMessage) {
  const Opened opened = open_changed([](Bytes& message) { message.push_back(0); });
  EXPECT_THAT(opened.result, Fails(Kind::corrupt, StartsWith("trailing: ")));
  EXPECT_THAT(open_changed([](Bytes& message) { append(message, Bytes(message)); }).result,
              Fails(Kind::corrupt, StartsWith("trailing: ")));
}

TEST(EsdkReaderTest, RefusesEachCutAsTruncated) {
  const Handmade made;
  const Bytes message = made.message();
  for (std::size_t size = 0; size < message.size(); ++size) {
    GivenKey key(made.data_key);
    EXPECT_THAT(open_message(ByteView(message).first(size), key).result,
                Fails(Kind::corrupt, StartsWith("truncated: ")))
        << size;
  }
}

TEST(EsdkReaderTest, RefusesEachFlippedBitAndReleasesOnlyWholeFrames) {
  Handmade made;
  made.context = context_of({{"route", "a"}});
  const Bytes message = made.message();
  for (std::size_t at = 0; at < message.size(); ++at) {
    for (const unsigned bit : {0x01U, 0x80U}) {
      Bytes changed = message;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ bit);
      GivenKey key(made.data_key);
      const Opened opened = open_message(changed, key);
      EXPECT_FALSE(opened.result.has_value()) << "byte " << at;
      EXPECT_TRUE(std::string("abcdefghij").starts_with(opened.plaintext)) << "byte " << at;
    }
  }
}

// Our own writer, in the sizes around which mistakes live.
TEST(EsdkReaderTest, OpensWhatTheWriterSeals) {
  const auto materials = EncryptionMaterials::of(SecretBytes::copy_of(Bytes(32, 7)), {{"ns", "name", Bytes(256, 1)}},
                                                 EncryptionContext::create({{"gateway", "truck-017"}}).value());
  test::SeededRandom random(1);
  for (const std::uint32_t frame_bytes : {1U, 2U, 16U}) {
    const EsdkWriter writer(materials, random, frame_bytes);
    for (std::size_t size = 0; size <= 48; ++size) {
      Bytes plaintext(size);
      ASSERT_THAT(random.fill(plaintext), IsOk());
      Bytes message;
      ASSERT_THAT(writer.seal(plaintext, message), IsOk());
      GivenKey key(Bytes(32, 7));
      const Opened opened = open_message(message, key);
      ASSERT_THAT(opened.result, IsOk());
      EXPECT_TRUE(opened.plaintext == as_text(plaintext)) << size << " in frames of " << frame_bytes;
    }
  }
}

}  // namespace
}  // namespace edgeseal::crypto
