// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/esdk_derivation.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

// `openssl kdf -keylen 32 -kdfopt digest:SHA512 -kdfopt hexkey:4242… -kdfopt hexsalt:1717… -kdfopt hexinfo:… HKDF`,
// info 0478 and DERIVEKEY, or COMMITKEY alone.
TEST(EsdkDerivationTest, GivesTheKeysThatOpensslDerives) {
  const auto keys = derive_message_keys(SecretBytes::copy_of(Bytes(32, 0x42)), Bytes(32, 0x17));
  ASSERT_THAT(keys, test::IsOk());
  EXPECT_EQ(to_hex(keys->encryption_key.reveal()), "cae77ebea51fb845fd88cc2052bbc065c26e57fe09872fca6a2fd139a93b2d7c");
  EXPECT_EQ(to_hex(keys->commit_key), "8f728fbbdc281349bbdc875f58669c89ce3f7c30e43c728d33279e0e41c3de19");
}

TEST(EsdkDerivationTest, AFramesAadNamesMessageKindPlaceAndLength) {
  EXPECT_EQ(to_hex(frame_aad(Bytes{0xaa, 0xbb}, "Kind", 0x01020304, 0x05060708090a0b0c)),
            "aabb4b696e640102030405060708090a0b0c");
}

}  // namespace
}  // namespace edgeseal::crypto
