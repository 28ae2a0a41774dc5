// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/key_set.h"

#include <gtest/gtest.h>

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
  EXPECT_THAT(SealingKey::create(kms, der), Fails(Kind::invalid, HasSubstr("alias ARN makes every SDK refuse")));
  kms.kms_key = "";
  const std::string json = kms_json(der, "ENCRYPT_DECRYPT", "1234abcd-12ab-34cd-56ef-1234567890ab");
  EXPECT_THAT(SealingKey::create(kms, as_bytes(json)), Fails(Kind::invalid, HasSubstr("expected a key ARN")));
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

TEST(KmsKeyArnTest, TakesKeyArnsOfEveryPartition) {
  for (const std::string& arn : {std::string(kKmsKeyArn), std::string("arn:aws-cn:kms:cn-north-1:111122223333:key/a"),
                                 std::string("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1")}) {
    EXPECT_EQ(kms_key_arn_problem(arn), "") << arn;
  }
}

TEST(KmsKeyArnTest, NamesWhatIsWrong) {
  const std::pair<std::string, std::string> rows[] = {
      {"", "expected a key ARN"},
      {"1234abcd-12ab-34cd-56ef-1234567890ab", "expected a key ARN"},
      {"alias/mine", "expected a key ARN"},
      {"arn:aws:s3:eu-west-1:111122223333:key/a", "expected a key ARN"},
      {"arn:gcp:kms:eu-west-1:111122223333:key/a", "expected a key ARN"},
      {"arn:aws:kms::111122223333:key/a", "expected a key ARN"},
      {"arn:aws:kms:eu-west-1::key/a", "expected a key ARN"},
      {"arn:aws:kms:eu-west-1:111122223333", "expected a key ARN"},
      {"arn:aws:kms:eu-west-1:111122223333:alias/a", "alias ARN"},
      {"arn:aws:kms:eu-west-1:111122223333:key/", "expected …:key/ID"},
      {"arn:aws:kms:eu-west-1:111122223333:grant/a", "expected …:key/ID"},
  };
  for (const auto& [arn, problem] : rows) EXPECT_THAT(kms_key_arn_problem(arn), HasSubstr(problem)) << arn;
}

}  // namespace
}  // namespace edgeseal::crypto
