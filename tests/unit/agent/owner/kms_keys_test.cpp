// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/kms_keys.h"

#include <gtest/gtest.h>

#include "crypto/primitives/sha2.h"
#include "tests/support/matchers.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using transport::KmsAlgorithm;

const std::string kArn = "arn:aws:kms:eu-west-1:111122223333:key/a";
const std::string kOtherArn = "arn:aws:kms:eu-west-1:444455556666:key/b";

/// A KMS that opens one ciphertext, under one key and algorithm.
class KmsKeysTest : public ::testing::Test {
 protected:
  Bytes right = Bytes(256, 1);
  KmsAlgorithm algorithm = KmsAlgorithm::rsaes_oaep_sha_256;
  Bytes plaintext = Bytes(32, 0x42);
  std::vector<std::string> asked{};
  std::optional<Error> refusal_of_other_key{};

  KmsKeys keys(std::optional<std::string> key_arn = std::nullopt) {
    return KmsKeys(
        [this](const std::string& arn, ByteView ciphertext, KmsAlgorithm used) -> Result<SecretBytes> {
          asked.push_back(arn.substr(arn.size() - 1) + (used == KmsAlgorithm::rsaes_oaep_sha_1 ? "1" : "256"));
          if (arn == kOtherArn && refusal_of_other_key) return tl::unexpected<Error>(*refusal_of_other_key);
          if (arn == kArn && used == algorithm && std::equal(ciphertext.begin(), ciphertext.end(), right.begin())) {
            return SecretBytes::copy_of(plaintext);
          }
          return fail(Kind::invalid, "InvalidCiphertextException");
        },
        std::move(key_arn));
  }
  void bind_to(const crypto::EncryptionContext::Pairs& context) {
    const auto digest = crypto::sha384(crypto::serialise_pairs(context)).value();
    plaintext.insert(plaintext.begin(), digest.begin(), digest.end());
  }
};

TEST_F(KmsKeysTest, AskTheKeyThatTheEdkNames) {
  bind_to({{"a", "b"}});
  EXPECT_THAT(keys().data_key({{"aws-kms-rsa", kArn, right}}, {{"a", "b"}}), IsOk());
  EXPECT_THAT(asked, ElementsAre("a256"));
}

TEST_F(KmsKeysTest, TrySha1AfterSha256) {
  bind_to({});
  algorithm = KmsAlgorithm::rsaes_oaep_sha_1;
  EXPECT_THAT(keys().data_key({{"aws-kms-rsa", kArn, right}}, {}), IsOk());
  EXPECT_THAT(asked, ElementsAre("a256", "a1"));
}

TEST_F(KmsKeysTest, RefuseADataKeyThatWasWrappedForAnotherContext) {
  bind_to({{"a", "b"}});
  EXPECT_THAT(keys().data_key({{"aws-kms-rsa", kArn, right}}, {{"a", "c"}}),
              Fails(Kind::corrupt, StartsWith("context-digest: ")));
}

TEST_F(KmsKeysTest, OpenRawRsaEdksUnderAKeyThatIsGiven) {
  EXPECT_THAT(keys().data_key({{"edgeseal", "mine", right}}, {}),
              Fails(Kind::invalid, AllOf(StartsWith("no-key: "), HasSubstr("--kms-key"))));
  EXPECT_TRUE(asked.empty()) << "its name says nothing about KMS";
  EXPECT_THAT(keys(kArn).data_key({{"edgeseal", "mine", right}}, {}), IsOk());
}

TEST_F(KmsKeysTest, LeaveOtherKeysAloneWhenOneIsGiven) {
  bind_to({});
  EXPECT_THAT(keys(kArn).data_key({{"aws-kms-rsa", kOtherArn, right}, {"aws-kms-rsa", kArn, right}}, {}), IsOk());
  EXPECT_THAT(asked, ElementsAre("a256"));
}

TEST_F(KmsKeysTest, PassOverSymmetricAndHierarchicalEdks) {
  EXPECT_THAT(keys(kArn).data_key({{"aws-kms", kArn, right}, {"aws-kms-hierarchy", kArn, right}}, {}),
              Fails(Kind::invalid, StartsWith("no-key: ")));
  EXPECT_TRUE(asked.empty());
}

// One of two owners has no right to the other's key, which stands first.
TEST_F(KmsKeysTest, GoOnPastAKeyThatTheyMayNotUse) {
  bind_to({});
  refusal_of_other_key = Error{Kind::unauthorised, "AccessDeniedException", kOtherArn, "", {}};
  EXPECT_THAT(keys().data_key({{"aws-kms-rsa", kOtherArn, right}, {"aws-kms-rsa", kArn, right}}, {}), IsOk());
  EXPECT_THAT(asked, ElementsAre("b256", "a256"));
}

TEST_F(KmsKeysTest, ReportWhatKmsSaidWhenNoneOpens) {
  refusal_of_other_key = Error{Kind::unauthorised, "AccessDeniedException", kOtherArn, "", {}};
  EXPECT_THAT(keys().data_key({{"aws-kms-rsa", kOtherArn, right}, {"aws-kms-rsa", kArn, Bytes(256, 9)}}, {}),
              Fails(Kind::unauthorised, HasSubstr("AccessDeniedException")));
}

TEST_F(KmsKeysTest, StopAfterABoundedNumberOfCalls) {
  const std::vector<crypto::Edk> edks(1000, {"aws-kms-rsa", kArn, Bytes(256, 9)});
  EXPECT_THAT(keys().data_key(edks, {}), Fails(Kind::invalid, StartsWith("too-large: ")));
  EXPECT_EQ(asked.size(), KmsKeys::kCallsMax);
}

TEST_F(KmsKeysTest, AreAskedAfterSourcesThatHaveNoKey) {
  KmsKeys none = keys(kOtherArn);
  KmsKeys some = keys(kArn);
  DataKeySources both({&none, &some});
  EXPECT_THAT(both.data_key({{"edgeseal", "mine", right}}, {}), IsOk());
  EXPECT_THAT(both.data_key({{"aws-kms", "x", right}}, {}), Fails(Kind::invalid, StartsWith("no-key: ")));
}

TEST_F(KmsKeysTest, AreNotAskedOnceASourceHasSeenTampering) {
  bind_to({{"a", "b"}});
  KmsKeys first = keys();
  KmsKeys second = keys();
  DataKeySources both({&first, &second});
  EXPECT_THAT(both.data_key({{"aws-kms-rsa", kArn, right}}, {}), Fails(Kind::corrupt, StartsWith("context-digest: ")));
  EXPECT_EQ(asked.size(), 1U);
}

}  // namespace
}  // namespace edgeseal::agent
