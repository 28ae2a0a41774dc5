// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/private_keys.h"

#include <gtest/gtest.h>

#include "crypto/primitives/rsa_oaep_wrap.h"
#include "crypto/primitives/sha2.h"
#include "tests/support/matchers.h"
#include "tests/unit/crypto/keys/key_files.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PrivateKeysTest : public ::testing::Test {
 protected:
  Drbg drbg = Drbg::create().value();
  Bytes data_key = Bytes(32, 0x42);

  static PrivateKeys keys(const std::vector<std::string>& names) {
    std::vector<PrivateKey> parsed;
    for (const std::string& name : names) parsed.push_back(PrivateKey::parse(key_file(name + ".private.pem")).value());
    return PrivateKeys(std::move(parsed));
  }
  Edk wrap(const std::string& key, ByteView plaintext, const std::string& provider = "ns",
           OaepHash hash = OaepHash::sha256) {
    return {provider, key,
            rsa_oaep_wrap(key_file(key + ".public.der"), SecretBytes::copy_of(plaintext), hash, drbg).value()};
  }
  bool opens(PrivateKeys& source, const std::vector<Edk>& edks) const {
    const auto key = source.data_key(edks, {});
    EXPECT_THAT(key, IsOk());
    return key && equal_in_constant_time(key->reveal(), data_key);
  }
};

TEST_F(PrivateKeysTest, OpenEachSizeAndHash) {
  PrivateKeys source = keys({"rsa-2048", "rsa-3072", "rsa-4096"});
  for (const char* key : {"rsa-2048", "rsa-3072", "rsa-4096"}) {
    EXPECT_TRUE(opens(source, {wrap(key, data_key)})) << key;
    EXPECT_TRUE(opens(source, {wrap(key, data_key, "ns", OaepHash::sha1)})) << key;
  }
}

TEST_F(PrivateKeysTest, PassOverTheEdksOfOthers) {
  PrivateKeys source = keys({"rsa-2048"});
  EXPECT_TRUE(opens(source, {{"aws-kms", "arn:aws:kms:…", Bytes(167, 1)},
                             wrap("rsa-3072", data_key),
                             {"ns", "same size, another key", Bytes(256, 1)},
                             wrap("rsa-2048", Bytes(16, 1)),  // opens, but is no key of this suite
                             wrap("rsa-2048", data_key)}));
}

TEST_F(PrivateKeysTest, NameTheEdksWhenNoneOpens) {
  PrivateKeys source = keys({"rsa-2048"});
  EXPECT_THAT(source.data_key({wrap("rsa-3072", data_key)}, {}),
              Fails(Kind::invalid, AllOf(StartsWith("no-key: "), HasSubstr("ns rsa-3072"))));
}

TEST_F(PrivateKeysTest, RefuseADataKeyThatWasWrappedForAnotherContext) {
  PrivateKeys source = keys({"rsa-2048"});
  const auto digest = sha384(serialise_pairs({{"route", "a"}})).value();
  Bytes plaintext(digest.begin(), digest.end());
  append(plaintext, data_key);
  const Edk edk = wrap("rsa-2048", plaintext, "aws-kms-rsa");
  EXPECT_THAT(source.data_key({edk}, {{"route", "a"}}), IsOk());
  EXPECT_THAT(source.data_key({edk}, {{"route", "b"}}), Fails(Kind::corrupt, StartsWith("context-digest: ")));
}

// 65,535 EDKs of the key's size would keep the opener busy for minutes.
TEST_F(PrivateKeysTest, GiveUpAfterABoundedNumberOfAttempts) {
  PrivateKeys source = keys({"rsa-2048"});
  std::vector<Edk> edks(65'534, Edk{"ns", "other", Bytes(256, 1)});
  edks.push_back(wrap("rsa-2048", data_key));
  EXPECT_THAT(source.data_key(edks, {}), Fails(Kind::invalid, StartsWith("too-large: ")));
}

TEST_F(PrivateKeysTest, SkipAnyNumberOfEdksOfOtherSizes) {
  PrivateKeys source = keys({"rsa-2048"});
  std::vector<Edk> edks(65'534, Edk{"ns", "other", Bytes(384, 1)});
  edks.push_back(wrap("rsa-2048", data_key));
  EXPECT_TRUE(opens(source, edks));
}

}  // namespace
}  // namespace edgeseal::crypto
