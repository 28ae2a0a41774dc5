// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/aes_gcm_decrypt.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

using test::IsOk;

// The GCM specification's test case 16 (McGrew and Viega, The Galois/Counter Mode of Operation, appendix B).
const Bytes kKey = from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").value();
const Bytes kIv = from_hex("cafebabefacedbaddecaf888").value();
const Bytes kAad = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2").value();
const Bytes kPlaintext =
    from_hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
        "b525b16aedf5aa0de657ba637b39")
        .value();
const Bytes kCiphertext =
    from_hex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
        "828838c5f61e6393ba7a0abcc9f662")
        .value();
const Bytes kTag = from_hex("76fc6ece0f4e1768cddf8853bb2d551b").value();

AesGcmDecryptor decryptor() { return AesGcmDecryptor::create(SecretBytes::copy_of(kKey)).value(); }

TEST(AesGcmDecryptTest, GivesThePublishedPlaintext) {
  Bytes data = kCiphertext;
  const auto verified = decryptor().decrypt(kIv, kAad, data, kTag);
  ASSERT_THAT(verified, IsOk());
  EXPECT_TRUE(*verified);
  EXPECT_EQ(data, kPlaintext);
}

TEST(AesGcmDecryptTest, LeavesNothingOfThePlaintextWhenTheTagIsWrong) {
  Bytes data = kCiphertext;
  Bytes tag = kTag;
  tag[15] ^= 1;
  const auto verified = decryptor().decrypt(kIv, kAad, data, tag);
  ASSERT_THAT(verified, IsOk());
  EXPECT_FALSE(*verified);
  EXPECT_EQ(data, Bytes(kCiphertext.size(), data[0])) << "wiped with one byte throughout";
  EXPECT_NE(data, kCiphertext);
}

TEST(AesGcmDecryptTest, VerifiesTheAad) {
  Bytes data = kCiphertext;
  Bytes aad = kAad;
  aad[0] ^= 1;
  const auto verified = decryptor().decrypt(kIv, aad, data, kTag);
  ASSERT_THAT(verified, IsOk());
  EXPECT_FALSE(*verified);
}

}  // namespace
}  // namespace edgeseal::crypto
