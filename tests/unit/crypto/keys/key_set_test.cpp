// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/key_set.h"

#include <gtest/gtest.h>

#include "crypto/keys/key_form.h"
#include "tests/support/flipped_bits.h"
#include "tests/support/matchers.h"
#include "tests/unit/crypto/keys/key_files.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;

class SealingKeyTest : public ::testing::Test {
 protected:
  const Bytes der = key_file("rsa-2048.public.der");
  const std::string pin = PublicKey::parse(der)->pin().text();
  KeyOptions kms{.id = "mine", .file = "kms.der", .kms_key = std::string(kKmsKeyArn)};
  KeyOptions raw{.id = "mine", .file = "raw.der", .wrap = WrapForm::raw_rsa};
};

TEST_F(SealingKeyTest, ForKmsIsNamedByTheArn) {
  kms.oaep = OaepHash::sha1;
  const auto key = SealingKey::create(kms, der);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->id, "mine");
  EXPECT_EQ(key->key.der(), der);
  EXPECT_EQ(key->wrap, WrapForm::aws_kms_rsa);
  EXPECT_EQ(key->oaep, OaepHash::sha1);
  EXPECT_EQ(key->provider_id, "aws-kms-rsa");
  EXPECT_EQ(key->provider_info, kKmsKeyArn);
}

TEST_F(SealingKeyTest, ForKmsTakesTheArnOfTheJsonUnlessOneIsWritten) {
  kms.kms_key = "";
  const std::string json = kms_json(der);
  const auto from_json = SealingKey::create(kms, as_bytes(json));
  ASSERT_THAT(from_json, IsOk());
  EXPECT_EQ(from_json->provider_info, kKmsKeyArn);

  kms.kms_key = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd";
  const auto written = SealingKey::create(kms, as_bytes(json));
  ASSERT_THAT(written, IsOk());
  EXPECT_EQ(written->provider_info, kms.kms_key);
}

TEST_F(SealingKeyTest, ForKmsNeedsAnArn) {
  kms.kms_key = "";
  EXPECT_THAT(SealingKey::create(kms, der),
              Fails(Kind::invalid, AllOf(HasSubstr("kms.der"), HasSubstr("kms_key: arn"))));
}

TEST_F(SealingKeyTest, ForKmsRefusesAnAliasAndWhatIsNoArn) {
  kms.kms_key = "arn:aws:kms:eu-west-1:111122223333:alias/mine";
  EXPECT_THAT(SealingKey::create(kms, der), Fails(Kind::invalid, HasSubstr("never an alias")));
  kms.kms_key = "";
  const std::string json = kms_json(der, "ENCRYPT_DECRYPT", "1234abcd-12ab-34cd-56ef-1234567890ab");
  EXPECT_THAT(SealingKey::create(kms, as_bytes(json)), Fails(Kind::invalid, HasSubstr("expected a KMS key ARN")));
}

TEST_F(SealingKeyTest, RawIsNamedByNamespaceAndName) {
  auto key = SealingKey::create(raw, der);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->provider_id, "edgeseal");
  EXPECT_EQ(key->provider_info, "mine") << "the key's own id stands in for a name";
  raw.key_namespace = "ore";
  raw.name = "Schlüssel 7";
  key = SealingKey::create(raw, der);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->provider_id, "ore");
  EXPECT_EQ(key->provider_info, "Schlüssel 7");
}

// Raw RSA keyring specification, Initialization: the key namespace must not be "aws-kms".
TEST_F(SealingKeyTest, RawRefusesTheNamespacesOfKms) {
  for (const std::string name : {"", "aws-kms", "aws-kms-rsa", "aws-kms-hierarchy"}) {
    raw.key_namespace = name;
    EXPECT_THAT(SealingKey::create(raw, der),
                Fails(Kind::invalid, AllOf(HasSubstr("namespace"), HasSubstr("raw.der"))));
  }
  raw.key_namespace = "aws";
  EXPECT_THAT(SealingKey::create(raw, der), IsOk());
}

TEST_F(SealingKeyTest, MustMatchItsPinInWhateverForm) {
  kms.pin = pin;
  const std::string json = kms_json(der);
  EXPECT_THAT(SealingKey::create(kms, der), IsOk());
  EXPECT_THAT(SealingKey::create(kms, key_file("rsa-2048.public.pem")), IsOk());
  EXPECT_THAT(SealingKey::create(kms, as_bytes(json)), IsOk());
}

TEST_F(SealingKeyTest, AnotherKeyThanThePinnedOneIsRefusedNamingBoth) {
  kms.pin = pin;
  const Bytes other = key_file("rsa-3072.public.der");
  EXPECT_THAT(SealingKey::create(kms, other),
              Fails(Kind::invalid, AllOf(HasSubstr(pin), HasSubstr(PublicKey::parse(other)->pin().text()),
                                         HasSubstr("kms.der"), HasSubstr("keys.mine"))));
  kms.pin = "sha256:no";
  EXPECT_THAT(SealingKey::create(kms, der),
              Fails(Kind::invalid, AllOf(HasSubstr("keys.mine.pin"), HasSubstr("sha256:no"))));
}

TEST_F(SealingKeyTest, EveryBitOfThePinCounts) {
  test::expect_every_bit_counts(PublicKey::parse(der)->pin().digest.view(), [this](const Bytes& digest) {
    kms.pin = "sha256:" + to_hex(digest);
    return SealingKey::create(kms, der).has_value();
  });
}

TEST_F(SealingKeyTest, AllThatIsWrongIsToldAtOnce) {
  kms.pin = pin;
  kms.kms_key = "";
  std::vector<Error> problems;
  EXPECT_FALSE(SealingKey::create(kms, key_file("rsa-3072.public.der"), problems));
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_THAT(problems[0].message(), HasSubstr("is pinned"));
  EXPECT_THAT(problems[1].message(), HasSubstr("has no kms_key"));
}

TEST_F(SealingKeyTest, ABadFileIsNamed) {
  EXPECT_THAT(SealingKey::create(kms, key_file("rsa-2048.private.pem")),
              Fails(Kind::invalid, AllOf(HasSubstr("kms.der: keys.mine"), HasSubstr("private key"))));
}

// One judgement a value: what the form takes, the part takes, and what it refuses, the part refuses in its words.
// config asks the same forms (tests/unit/config/forms_test.cpp has what each takes).
TEST_F(SealingKeyTest, TakesWhatTheFormsTakeAndRefusesWhatTheyRefuse) {
  const Bytes file = key_file("rsa-3072.public.der");
  for (const std::string& arn :
       std::vector<std::string>{std::string(kKmsKeyArn), "arn:aws-cn:kms:cn-north-1:111122223333:key/a", "alias/mine",
                                "arn:aws:kms:eu-west-1:111122223333:alias/a", "arn:aws:kms:eu-west-1:1:key/a",
                                "arn:aws:s3:eu-west-1:111122223333:key/a", "arn:aws:kms:eu-west-1:111122223333:key/"}) {
    kms.kms_key = arn;
    const auto problem = kms_key_form(arn);
    const auto made = SealingKey::create(kms, file);
    EXPECT_EQ(made.has_value(), !problem) << arn;
    if (!problem) continue;
    EXPECT_EQ(made.error().what, "keys.mine.kms_key: expected " + problem->expected + ", found \"" + arn + "\"");
  }
  kms.wrap = WrapForm::raw_rsa;
  for (const char* name : {"edgeseal", "", "aws-kms", "aws-kms-rsa"}) {
    kms.key_namespace = name;
    const auto problem = key_namespace_form(name);
    const auto made = SealingKey::create(kms, file);
    EXPECT_EQ(made.has_value(), !problem) << name;
    if (!problem) continue;
    EXPECT_THAT(made.error().what, HasSubstr(problem->expected));
  }
}

}  // namespace
}  // namespace edgeseal::crypto
