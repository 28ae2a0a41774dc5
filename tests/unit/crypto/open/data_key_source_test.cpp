// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/data_key_source.h"

#include <gtest/gtest.h>

#include "crypto/primitives/sha2.h"
#include "tests/support/flipped_bits.h"
#include "tests/support/matchers.h"
#include "tests/unit/crypto/open/given_key.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::StartsWith;

const Bytes kDataKey(32, 0x42);

Bytes bound(const EncryptionContext::Pairs& context, const Bytes& key = kDataKey) {
  const auto digest = sha384(serialise_pairs(context)).value();
  Bytes out(digest.begin(), digest.end());
  append(out, key);
  return out;
}

TEST(DataKeyInTest, IsTheWholePlaintextOfARawRsaEdk) {
  const auto key = data_key_in(SecretBytes::copy_of(kDataKey), "edgeseal", {{"a", "b"}});
  ASSERT_THAT(key, IsOk());
  ASSERT_TRUE(key->has_value());
  EXPECT_TRUE(equal_in_constant_time((*key)->reveal(), kDataKey));
}

TEST(DataKeyInTest, FollowsTheContextDigestInAnAwsKmsRsaEdk) {
  const auto key = data_key_in(SecretBytes::copy_of(bound({{"a", "b"}})), "aws-kms-rsa", {{"a", "b"}});
  ASSERT_THAT(key, IsOk());
  ASSERT_TRUE(key->has_value());
  EXPECT_TRUE(equal_in_constant_time((*key)->reveal(), kDataKey));
}

// Source: structures.md, Serialization: an empty context is an empty byte sequence.
TEST(DataKeyInTest, TakesTheDigestOfZeroBytesForAnEmptyContext) {
  const Bytes of_nothing =
      from_hex(
          "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f1"
          "4898b95b")
          .value();
  Bytes plaintext = of_nothing;
  append(plaintext, kDataKey);
  const auto key = data_key_in(SecretBytes::copy_of(plaintext), "aws-kms-rsa", {});
  ASSERT_THAT(key, IsOk());
  EXPECT_TRUE(key->has_value());
}

TEST(DataKeyInTest, RefusesTheDigestOfAnotherContext) {
  EXPECT_THAT(data_key_in(SecretBytes::copy_of(bound({{"a", "b"}})), "aws-kms-rsa", {{"a", "c"}}),
              Fails(Kind::corrupt, StartsWith("context-digest: ")));
}

TEST(DataKeyInTest, EveryBitOfTheContextDigestCounts) {
  const Bytes plaintext = bound({{"a", "b"}});
  test::expect_every_bit_counts(ByteView(plaintext).first(48), [](const Bytes& digest) {
    Bytes changed = digest;
    append(changed, kDataKey);
    const auto key = data_key_in(SecretBytes::copy_of(changed), "aws-kms-rsa", {{"a", "b"}});
    EXPECT_TRUE(key || refused_as(tl::unexpected(key.error())) == "context-digest");
    return key.has_value();
  });
}

TEST(DataKeyInTest, IsNothingWhenTheSizeIsAnotherForms) {
  for (const auto& [provider, size] : {std::pair{"edgeseal", 31},
                                       {"edgeseal", 80},
                                       {"aws-kms-rsa", 32},
                                       {"aws-kms-rsa", 79},
                                       {"aws-kms-rsa", 81},
                                       {"edgeseal", 0}}) {
    const auto key = data_key_in(SecretBytes(static_cast<std::size_t>(size)), provider, {});
    ASSERT_THAT(key, IsOk());
    EXPECT_FALSE(key->has_value()) << provider << " " << size;
  }
}

TEST(RememberedDataKeyTest, AsksOnceForTheFramesOfAJournal) {
  GivenKey inner(kDataKey);
  RememberedDataKey remembered(inner);
  const std::vector<Edk> edks{{"ns", "name", Bytes(8, 1)}};
  for (int i = 0; i < 3; ++i) ASSERT_THAT(remembered.data_key(edks, {{"a", "b"}}), IsOk());
  EXPECT_EQ(inner.asked, 1);
  ASSERT_THAT(remembered.data_key(edks, {{"a", "c"}}), IsOk());
  EXPECT_EQ(inner.asked, 2) << "another context is another question";
  ASSERT_THAT(remembered.data_key({{"ns", "name", Bytes(8, 2)}}, {{"a", "c"}}), IsOk());
  EXPECT_EQ(inner.asked, 3) << "other EDKs are another question";
}

TEST(DescribeEdksTest, KeepsWhatOthersWroteFromSteeringTheTerminal) {
  EXPECT_EQ(describe_edks({{"ns", "a\x1b[2Jb\n", {}}, {"é", "x", {}}}), "ns a?[2Jb?, ?? x");
  EXPECT_EQ(describe_edks(std::vector<Edk>(6, Edk{"p", "i", {}})), "p i, p i, p i, p i, and 2 more");
}

}  // namespace
}  // namespace edgeseal::crypto
