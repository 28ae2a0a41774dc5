// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/aes_gcm_encrypt.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

using test::IsOk;

struct SealRow {
  std::string_view name;
  std::string_view key;
  std::string_view iv;
  std::string_view aad;
  std::string_view plaintext;
  std::string_view ciphertext;
  std::string_view tag;
};
constexpr std::string_view kZeroKey = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

// "The Galois/Counter Mode of Operation" (McGrew, Viega, submitted to NIST), appendix B; NIST CAVP gcmEncryptExtIV256.
constexpr SealRow kSealRows[] = {
    {"test case 13: nothing at all", kZeroKey, "000000000000000000000000", "", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"test case 14: one block", kZeroKey, "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"test case 15: four blocks", kKey, "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
     "b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
     "c5f61e6393ba7a0abcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"test case 16: AAD, a cut last block", kKey, "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
     "b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
     "c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
    {"CAVP: an empty plaintext", "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
     "516c33929df5a3284ff463d7", "", "", "", "bdc1ac884d332457a1d2664f168c76f0"},
};

TEST(AesGcmEncryptTest, GivesTheVectors) {
  for (const SealRow& row : kSealRows) {
    auto encryptor = AesGcmEncryptor::create(SecretBytes::copy_of(*from_hex(row.key)));
    ASSERT_THAT(encryptor, IsOk());
    Bytes ciphertext(row.plaintext.size() / 2);
    Bytes tag(kGcmTagBytes);
    ASSERT_THAT(encryptor->encrypt(*from_hex(row.iv), *from_hex(row.aad), *from_hex(row.plaintext), ciphertext, tag),
                IsOk());
    EXPECT_EQ(to_hex(ciphertext), row.ciphertext) << row.name;
    EXPECT_EQ(to_hex(tag), row.tag) << row.name;
  }
}

TEST(AesGcmEncryptTest, OneScheduleServesManyMessagesAndSurvivesAMove) {
  const SealRow& row = kSealRows[3];
  auto created = AesGcmEncryptor::create(SecretBytes::copy_of(*from_hex(row.key)));
  ASSERT_THAT(created, IsOk());
  AesGcmEncryptor encryptor = std::move(*created);
  for (int i = 0; i < 3; ++i) {
    Bytes ciphertext(row.plaintext.size() / 2);
    Bytes tag(kGcmTagBytes);
    ASSERT_THAT(encryptor.encrypt(*from_hex(row.iv), *from_hex(row.aad), *from_hex(row.plaintext), ciphertext, tag),
                IsOk());
    EXPECT_EQ(to_hex(tag), row.tag);
  }
}

// The vectors are shorter than what vector code takes in one stride; counter mode must not care where it is cut.
TEST(AesGcmEncryptTest, EveryLengthBeginsWithTheSameKeyStream) {
  auto encryptor = AesGcmEncryptor::create(SecretBytes::copy_of(*from_hex(kKey)));
  ASSERT_THAT(encryptor, IsOk());
  const Bytes iv(kGcmIvBytes, 7);
  const Bytes plaintext(1100, 0);
  Bytes whole(plaintext.size());
  Bytes tag(kGcmTagBytes);
  ASSERT_THAT(encryptor->encrypt(iv, {}, plaintext, whole, tag), IsOk());
  for (std::size_t size = 0; size < plaintext.size(); ++size) {
    Bytes part(size);
    ASSERT_THAT(encryptor->encrypt(iv, {}, ByteView(plaintext).first(size), part, tag), IsOk());
    ASSERT_TRUE(std::equal(part.begin(), part.end(), whole.begin())) << size;
  }
}

TEST(AesGcmEncryptDeathTest, AKeyOfAnotherSizeIsABug) {
  const SecretBytes key(16);
  EXPECT_DEATH((void)AesGcmEncryptor::create(key), "broken invariant");
}

}  // namespace
}  // namespace edgeseal::crypto
