// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/encryption_materials.h"

#include <gtest/gtest.h>

#include "crypto/envelope/esdk_layout.h"
#include "crypto/primitives/sha2.h"
#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/unit/crypto/keys/key_files.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;

/// What the private key of `bits` makes of an EDK, by openssl.
std::string unwrapped(const Edk& edk, unsigned bits, const std::string& hash) {
  const test::TempDir dir;
  const auto file = dir.write("edk", as_text(edk.ciphertext));
  const std::string key = test::source_dir() + "/tests/vectors/keys/rsa-" + std::to_string(bits) + ".private.pem";
  return test::run({"openssl", "pkeyutl", "-decrypt", "-inkey", key, "-in", file.string(), "-pkeyopt",
                    "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:" + hash, "-pkeyopt", "rsa_mgf1_md:" + hash})
      .out;
}

class EncryptionMaterialsTest : public ::testing::Test {
 protected:
  static SealingKey key(WrapForm wrap, unsigned bits, OaepHash oaep = OaepHash::sha256) {
    const KeyOptions options{
        .id = "key-" + std::to_string(bits), .wrap = wrap, .kms_key = std::string(kKmsKeyArn), .oaep = oaep};
    return SealingKey::create(options, key_file("rsa-" + std::to_string(bits) + ".public.der")).value();
  }
  Drbg drbg = std::move(*Drbg::create());
  const EncryptionContext context = EncryptionContext::create({{"gateway", "truck-017"}, {"größe", "42 µm"}}).value();
};

TEST_F(EncryptionMaterialsTest, EveryKeyWrapsTheSameDataKey) {
  const KeySet keys{key(WrapForm::raw_rsa, 2048), key(WrapForm::raw_rsa, 3072, OaepHash::sha1)};
  const auto materials = EncryptionMaterials::create(keys, context, drbg);
  ASSERT_THAT(materials, IsOk());
  const std::string data_key(as_text(materials->data_key().reveal()));
  EXPECT_EQ(data_key.size(), 32U);
  ASSERT_EQ(materials->edks().size(), 2U);
  EXPECT_EQ(materials->edks()[0].provider_id, "edgeseal");
  EXPECT_EQ(materials->edks()[0].provider_info, "key-2048");
  EXPECT_EQ(unwrapped(materials->edks()[0], 2048, "sha256"), data_key);
  EXPECT_EQ(unwrapped(materials->edks()[1], 3072, "sha1"), data_key);
}

// AWS KMS RSA keyring specification: SHA-384 of the serialised context, then the data key.
TEST_F(EncryptionMaterialsTest, ForKmsTheKeyIsBoundToTheContext) {
  for (const EncryptionContext& each : {context, EncryptionContext()}) {
    const auto materials = EncryptionMaterials::create({key(WrapForm::aws_kms_rsa, 4096)}, each, drbg);
    ASSERT_THAT(materials, IsOk());
    const auto digest = sha384(each.serialise()).value();
    EXPECT_EQ(materials->edks()[0].provider_id, "aws-kms-rsa");
    EXPECT_EQ(materials->edks()[0].provider_info, kKmsKeyArn);
    const std::string plain = unwrapped(materials->edks()[0], 4096, "sha256");
    ASSERT_EQ(plain.size(), 80U);
    EXPECT_EQ(to_hex(as_bytes(plain).first(48)), to_hex(digest));
    EXPECT_EQ(plain.substr(48), as_text(materials->data_key().reveal()));
  }
}

TEST_F(EncryptionMaterialsTest, ForKmsThePolicysOlderHashServesToo) {
  const auto materials = EncryptionMaterials::create({key(WrapForm::aws_kms_rsa, 2048, OaepHash::sha1)}, context, drbg);
  ASSERT_THAT(materials, IsOk());
  EXPECT_EQ(unwrapped(materials->edks()[0], 2048, "sha1").substr(48), as_text(materials->data_key().reveal()));
}

TEST_F(EncryptionMaterialsTest, EachHasADataKeyOfItsOwn) {
  const KeySet keys{key(WrapForm::raw_rsa, 2048)};
  const auto first = EncryptionMaterials::create(keys, context, drbg);
  const auto second = EncryptionMaterials::create(keys, context, drbg);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(to_hex(first->data_key().reveal()), to_hex(second->data_key().reveal()));
}

TEST_F(EncryptionMaterialsTest, RefusesNamesThatDoNotFitTheirFields) {
  SealingKey wide = key(WrapForm::raw_rsa, 2048);
  wide.provider_info = std::string(esdk::kFieldBytesMax, 'x');
  EXPECT_THAT(EncryptionMaterials::create({wide}, context, drbg), IsOk());
  wide.provider_info += 'x';
  EXPECT_THAT(EncryptionMaterials::create({wide}, context, drbg), Fails(Kind::invalid));
}

TEST_F(EncryptionMaterialsTest, WithoutAKeyIsABug) {
  EXPECT_DEATH((void)EncryptionMaterials::create({}, context, drbg), "broken invariant");
}

}  // namespace
}  // namespace edgeseal::crypto
