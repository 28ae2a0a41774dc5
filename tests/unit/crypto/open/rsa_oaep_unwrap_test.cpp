// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/rsa_oaep_unwrap.h"

#include <gtest/gtest.h>

#include "crypto/primitives/rsa_oaep_wrap.h"
#include "tests/support/matchers.h"
#include "tests/unit/crypto/keys/key_files.h"

namespace edgeseal::crypto {
namespace {

using test::IsOk;

class RsaOaepUnwrapTest : public ::testing::Test {
 protected:
  Drbg drbg = Drbg::create().value();
  RsaPrivateKeyDer key = rsa_private_key_of(key_file("rsa-2048.pkcs1-private.der")).value();
  SecretBytes secret = SecretBytes::copy_of(Bytes(32, 0x5a));
  Bytes wrapped = rsa_oaep_wrap(key_file("rsa-2048.public.der"), secret, OaepHash::sha256, drbg).value();

  bool opens(ByteView ciphertext, OaepHash hash) {
    const auto plain = rsa_oaep_unwrap(key.der, ciphertext, hash, drbg);
    EXPECT_THAT(plain, IsOk());
    return plain && *plain && equal_in_constant_time((*plain)->reveal(), secret.reveal());
  }
};

TEST_F(RsaOaepUnwrapTest, GivesBackWhatWasWrappedWithEitherHash) {
  EXPECT_TRUE(opens(wrapped, OaepHash::sha256));
  const auto sha1 = rsa_oaep_wrap(key_file("rsa-2048.public.der"), secret, OaepHash::sha1, drbg).value();
  EXPECT_TRUE(opens(sha1, OaepHash::sha1));
}

TEST_F(RsaOaepUnwrapTest, GivesNothingForWhateverReasonItDoesNotDecrypt) {
  EXPECT_FALSE(opens(wrapped, OaepHash::sha1)) << "the other hash";
  Bytes changed = wrapped;
  changed[100] ^= 1;
  EXPECT_FALSE(opens(changed, OaepHash::sha256)) << "changed";
  EXPECT_FALSE(opens(Bytes(256, 0), OaepHash::sha256)) << "zero";
  EXPECT_FALSE(opens(Bytes(256, 0xff), OaepHash::sha256)) << "above the modulus";
  EXPECT_FALSE(opens(Bytes(255, 1), OaepHash::sha256)) << "of another size";
  EXPECT_FALSE(opens({}, OaepHash::sha256)) << "empty";
}

TEST_F(RsaOaepUnwrapTest, GivesBackASingleByte) {
  const auto byte =
      rsa_oaep_wrap(key_file("rsa-2048.public.der"), SecretBytes::copy_of(Bytes(1, 7)), OaepHash::sha256, drbg);
  ASSERT_THAT(byte, IsOk());
  const auto plain = rsa_oaep_unwrap(key.der, *byte, OaepHash::sha256, drbg);
  ASSERT_THAT(plain, IsOk());
  ASSERT_TRUE(plain->has_value());
  EXPECT_EQ((*plain)->size(), 1U);
}

}  // namespace
}  // namespace edgeseal::crypto
