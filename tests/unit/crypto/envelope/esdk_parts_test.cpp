// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/esdk_parts.h"

#include <gtest/gtest.h>

#include "crypto/envelope/esdk_writer.h"
#include "tests/support/random.h"
#include "tests/unit/crypto/envelope/golden.h"

namespace edgeseal::crypto {
namespace {

TEST(EsdkPartsTest, AMessageTakenApartIsPutTogetherByteForByte) {
  for (const Golden& golden : golden_messages()) {
    const EncryptionMaterials materials = golden.materials();
    test::FailingRandom random;
    const Bytes shared = EsdkWriter(materials, random, golden.frame_bytes).shared_header();
    const Bytes own = own_part_of(golden.message, shared.size());
    EXPECT_EQ(own.size() + shared.size() + esdk::kPrefixBytes, golden.message.size());
    EXPECT_EQ(to_hex(ByteView(own).first(32)), to_hex(golden.message_id));
    EXPECT_EQ(message_of(shared, own), golden.message) << golden.name;
  }
}

TEST(EsdkPartsTest, AnOwnPartThatCannotHoldAMessageIdIsNone) {
  EXPECT_EQ(message_of({}, Bytes(31)), std::nullopt);
  EXPECT_TRUE(message_of({}, Bytes(32)).has_value());
}

TEST(EsdkPartsDeathTest, AMessageOfOtherMaterialsIsABug) {
  EXPECT_DEATH((void)own_part_of(Bytes(100), 100), "broken invariant");
}

}  // namespace
}  // namespace edgeseal::crypto
