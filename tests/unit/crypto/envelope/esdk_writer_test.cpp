// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/esdk_writer.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/random.h"
#include "tests/unit/crypto/envelope/golden.h"

namespace edgeseal::crypto {
namespace {

using test::FailingRandom;
using test::Fails;
using test::IsOk;
using test::ScriptedRandom;
using test::SeededRandom;

class GoldenTest : public ::testing::TestWithParam<Golden> {};
INSTANTIATE_TEST_SUITE_P(Messages, GoldenTest, ::testing::ValuesIn(golden_messages()), [](const auto& row) {
  std::string name = row.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// The vectors come from another implementation (make.py), so this compares two readings of the specification.
TEST_P(GoldenTest, EveryByteIsAsTheSecondImplementationHasIt) {
  const Golden& golden = GetParam();
  const EncryptionMaterials materials = golden.materials();
  ScriptedRandom random(golden.message_id);
  const EsdkWriter writer(materials, random, golden.frame_bytes);
  Bytes out;
  ASSERT_THAT(writer.seal(golden.plaintext, out), IsOk());
  EXPECT_EQ(to_hex(out), to_hex(golden.message));
  EXPECT_EQ(random.left(), 0U) << "a message draws its id and nothing else";
}

TEST_P(GoldenTest, ItsSizeIsForetold) {
  const Golden& golden = GetParam();
  const EncryptionMaterials materials = golden.materials();
  FailingRandom random;
  EXPECT_EQ(EsdkWriter(materials, random, golden.frame_bytes).sealed_bytes(golden.plaintext.size()),
            golden.message.size());
}

TEST_P(GoldenTest, TheSharedHeaderStandsBetweenMessageIdAndCommitKey) {
  const Golden& golden = GetParam();
  const EncryptionMaterials materials = golden.materials();
  FailingRandom random;
  const EsdkWriter writer(materials, random, golden.frame_bytes);
  const ByteView after_id = ByteView(golden.message).subspan(esdk::kPrefixBytes + esdk::kMessageIdBytes);
  EXPECT_EQ(to_hex(after_id.first(writer.shared_header().size())), to_hex(writer.shared_header()));
}

TEST(GoldenVectorsTest, AreWhatTheirScriptMakes) {
  const auto made =
      test::run({"/usr/bin/python3", test::source_dir() + "/tests/vectors/esdk/golden/make.py", "--check"});
  EXPECT_EQ(made.status, 0) << made.err;
}

class EsdkWriterTest : public ::testing::Test {
 protected:
  const EncryptionMaterials materials =
      EncryptionMaterials::of(SecretBytes::copy_of(Bytes(32, 7)), {{"edgeseal", "mine", Bytes(256, 9)}},
                              EncryptionContext::create({{"gateway", "truck-017"}}).value());
  SeededRandom random{1};
};

TEST_F(EsdkWriterTest, SealedBytesIsExactForEverySizeAroundTheFrames) {
  for (const std::uint32_t frame_bytes : {1U, 2U, 16U, 17U}) {
    const EsdkWriter writer(materials, random, frame_bytes);
    for (std::size_t size = 0; size < 70; ++size) {
      Bytes out;
      ASSERT_THAT(writer.seal(Bytes(size, 'x'), out), IsOk());
      ASSERT_EQ(out.size(), writer.sealed_bytes(size)) << size << " in frames of " << frame_bytes;
    }
  }
}

TEST_F(EsdkWriterTest, SealedBytesDoesNotOverflow) {
  const EsdkWriter writer(materials, random, 1);
  const std::uint64_t size = 0xFFFFFFFE;
  EXPECT_GT(writer.sealed_bytes(size), size * (1 + esdk::kRegularFrameOverhead));
}

TEST_F(EsdkWriterTest, AppendsAfterWhatIsThere) {
  const EsdkWriter writer(materials, random);
  Bytes out{1, 2, 3};
  ASSERT_THAT(writer.seal(as_bytes("x"), out), IsOk());
  EXPECT_EQ(out.size(), 3 + writer.sealed_bytes(1));
  EXPECT_EQ(to_hex(ByteView(out).first(6)), "010203020478");
}

// Journal frames share their materials: what keeps them apart is the message id alone.
TEST_F(EsdkWriterTest, EachMessageHasAnIdAndSoAKeyOfItsOwn) {
  const EsdkWriter writer(materials, random);
  Bytes first;
  Bytes second;
  ASSERT_THAT(writer.seal(as_bytes("the same"), first), IsOk());
  ASSERT_THAT(writer.seal(as_bytes("the same"), second), IsOk());
  const auto id = [](const Bytes& message) { return to_hex(ByteView(message).subspan(3, 32)); };
  const auto body = [](const Bytes& message) { return to_hex(ByteView(message).last(8 + 16)); };
  const auto commitment = [&](const Bytes& message) {
    return to_hex(ByteView(message).subspan(35 + writer.shared_header().size(), 32));
  };
  EXPECT_NE(id(first), id(second));
  EXPECT_NE(commitment(first), commitment(second));
  EXPECT_NE(body(first), body(second));
}

TEST_F(EsdkWriterTest, WithoutRandomnessNothingIsSealedAndOutIsAsBefore) {
  FailingRandom none;
  const EsdkWriter writer(materials, none);
  Bytes out{1, 2, 3};
  EXPECT_THAT(writer.seal(as_bytes("secret"), out), Fails(Kind::fault, ::testing::HasSubstr("draw a message id")));
  EXPECT_EQ(out, (Bytes{1, 2, 3}));
  EXPECT_THAT(EsdkStream::start(writer, out), Fails(Kind::fault));
  EXPECT_EQ(out, (Bytes{1, 2, 3}));
}

// An id of 31 bytes drawn and one missing is no id.
TEST_F(EsdkWriterTest, AShortDrawSealsNothing) {
  ScriptedRandom short_one(Bytes(31));
  Bytes out;
  EXPECT_THAT(EsdkWriter(materials, short_one).seal(as_bytes("secret"), out), Fails(Kind::fault));
  EXPECT_TRUE(out.empty());
}

TEST_F(EsdkWriterTest, FramesOfNoBytesAreABug) { EXPECT_DEATH(EsdkWriter(materials, random, 0), "broken invariant"); }

/// The golden message, written in pieces of the given sizes.
Bytes in_pieces(const Golden& golden, const std::vector<std::size_t>& sizes) {
  const EncryptionMaterials materials = golden.materials();
  ScriptedRandom random(golden.message_id);
  const EsdkWriter writer(materials, random, golden.frame_bytes);
  Bytes out;
  auto stream = EsdkStream::start(writer, out);
  EXPECT_THAT(stream, IsOk());
  ByteView rest = golden.plaintext;
  for (const std::size_t size : sizes) {
    EXPECT_THAT(stream->write(rest.first(size), out), IsOk());
    rest = rest.subspan(size);
  }
  EXPECT_THAT(stream->write(rest, out), IsOk());
  EXPECT_THAT(stream->finish(out), IsOk());
  return out;
}

class EsdkStreamTest : public ::testing::TestWithParam<Golden> {};
INSTANTIATE_TEST_SUITE_P(Messages, EsdkStreamTest, ::testing::ValuesIn([] {
                           std::vector<Golden> small;
                           for (Golden& golden : golden_messages()) {
                             if (golden.plaintext.size() <= 100) small.push_back(std::move(golden));
                           }
                           return small;
                         }()));

TEST_P(EsdkStreamTest, CutAtEveryPlaceItIsTheSameMessage) {
  const Golden& golden = GetParam();
  for (std::size_t cut = 0; cut <= golden.plaintext.size(); ++cut) {
    ASSERT_EQ(in_pieces(golden, {cut}), golden.message) << cut;
  }
}

TEST_P(EsdkStreamTest, CutAtEveryTwoPlacesItIsTheSameMessage) {
  const Golden& golden = GetParam();
  const std::size_t size = std::min<std::size_t>(golden.plaintext.size(), 49);
  for (std::size_t first = 0; first <= size; ++first) {
    for (std::size_t second = 0; first + second <= size; ++second) {
      ASSERT_EQ(in_pieces(golden, {first, second}), golden.message) << first << ' ' << second;
    }
  }
}

TEST_P(EsdkStreamTest, ByteByByteWithEmptyPiecesBetweenItIsTheSameMessage) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < GetParam().plaintext.size(); ++i) sizes.insert(sizes.end(), {0, 1});
  EXPECT_EQ(in_pieces(GetParam(), sizes), GetParam().message);
}

// What is written out so far is never more than full frames that something follows.
TEST_F(EsdkWriterTest, TheStreamHoldsBackAFullFrameUntilMoreComes) {
  const EsdkWriter writer(materials, random, 16);
  Bytes out;
  auto stream = EsdkStream::start(writer, out);
  ASSERT_THAT(stream, IsOk());
  const std::size_t header = out.size();
  ASSERT_THAT(stream->write(Bytes(16), out), IsOk());
  EXPECT_EQ(out.size(), header);
  ASSERT_THAT(stream->write(Bytes(1), out), IsOk());
  EXPECT_EQ(out.size(), header + 16 + esdk::kRegularFrameOverhead);
  ASSERT_THAT(stream->finish(out), IsOk());
  EXPECT_EQ(out.size(), writer.sealed_bytes(17));
}

}  // namespace
}  // namespace edgeseal::crypto
