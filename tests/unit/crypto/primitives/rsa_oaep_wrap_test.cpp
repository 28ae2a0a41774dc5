// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/rsa_oaep_wrap.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

std::string key_file(const std::string& name) { return test::source_dir() + "/tests/vectors/keys/" + name; }
Bytes key_bytes(const std::string& name) {
  const std::string content = test::read_file(key_file(name));
  return {content.begin(), content.end()};
}

/// What `openssl pkeyutl` makes of it; its complaint when it does not open.
std::string opened_by_openssl(ByteView wrapped, unsigned bits, const std::string& hash) {
  const test::TempDir dir;
  const auto file = dir.write("wrapped", as_text(wrapped));
  const auto finished =
      test::run({"openssl", "pkeyutl", "-decrypt", "-inkey", key_file("rsa-" + std::to_string(bits) + ".private.pem"),
                 "-in", file.string(), "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:" + hash,
                 "-pkeyopt", "rsa_mgf1_md:" + hash});
  return finished.status == 0 ? finished.out : "openssl: " + finished.err;
}

class RsaOaepWrapTest : public ::testing::TestWithParam<std::tuple<unsigned, OaepHash>> {
 protected:
  [[nodiscard]] unsigned bits() const { return std::get<0>(GetParam()); }
  [[nodiscard]] OaepHash hash() const { return std::get<1>(GetParam()); }
  [[nodiscard]] std::string hash_name() const { return hash() == OaepHash::sha256 ? "sha256" : "sha1"; }
  [[nodiscard]] Bytes der() const { return key_bytes("rsa-" + std::to_string(bits()) + ".public.der"); }
  Drbg drbg = std::move(*Drbg::create());
};
INSTANTIATE_TEST_SUITE_P(Keys, RsaOaepWrapTest,
                         ::testing::Combine(::testing::Values(2048U, 3072U, 4096U),
                                            ::testing::Values(OaepHash::sha256, OaepHash::sha1)),
                         [](const auto& row) {
                           return std::to_string(std::get<0>(row.param)) +
                                  (std::get<1>(row.param) == OaepHash::sha256 ? "Sha256" : "Sha1");
                         });

TEST_P(RsaOaepWrapTest, IsOpenedByOpenssl) {
  for (const std::string& secret : {std::string(32, 'k'), std::string(80, '\0'), std::string("x")}) {
    const auto wrapped = rsa_oaep_wrap(der(), SecretBytes::copy_of(as_bytes(secret)), hash(), drbg);
    ASSERT_THAT(wrapped, IsOk());
    EXPECT_EQ(wrapped->size(), bits() / 8);
    EXPECT_EQ(opened_by_openssl(*wrapped, bits(), hash_name()), secret);
  }
}

// RFC 8017 section 7.1.1: at most k - 2 hLen - 2 bytes.
TEST_P(RsaOaepWrapTest, TakesAsMuchAsTheKeyHoldsAndNoMore) {
  const std::size_t most = bits() / 8 - 2 * (hash() == OaepHash::sha256 ? 32U : 20U) - 2;
  const auto wrapped = rsa_oaep_wrap(der(), SecretBytes(most), hash(), drbg);
  ASSERT_THAT(wrapped, IsOk());
  EXPECT_EQ(opened_by_openssl(*wrapped, bits(), hash_name()), std::string(most, '\0'));
  EXPECT_THAT(rsa_oaep_wrap(der(), SecretBytes(most + 1), hash(), drbg), Fails(Kind::fault));
  EXPECT_THAT(rsa_oaep_wrap(der(), SecretBytes(), hash(), drbg), Fails(Kind::fault));
}

TEST_P(RsaOaepWrapTest, IsAnotherCiphertextEachTime) {
  const SecretBytes secret(32);
  const auto first = rsa_oaep_wrap(der(), secret, hash(), drbg);
  const auto second = rsa_oaep_wrap(der(), secret, hash(), drbg);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(*first, *second);
}

TEST(RsaModulusBitsTest, ReadsTheSizeOfAPublicKey) {
  for (const unsigned bits : {1024U, 2048U, 2304U, 3072U, 4096U}) {
    const auto found = rsa_modulus_bits(key_bytes("rsa-" + std::to_string(bits) + ".public.der"));
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(*found, bits);
  }
}

TEST(RsaModulusBitsTest, RefusesWhatIsNoSubjectPublicKeyInfoOfAnRsaKey) {
  for (const std::string name :
       {"ec-p256.public.der", "ed25519.public.der", "rsa-pss-2048.public.der", "rsa-2048.private.der",
        "rsa-2048.pkcs1-private.der", "rsa-2048.pkcs1-public.der", "rsa-2048.public.pem"}) {
    EXPECT_THAT(rsa_modulus_bits(key_bytes(name)), Fails(Kind::invalid)) << name;
  }
  EXPECT_THAT(rsa_modulus_bits({}), Fails(Kind::invalid));
}

TEST(RsaModulusBitsTest, RefusesAKeyThatIsCutAnywhereOrGoesOn) {
  const Bytes whole = key_bytes("rsa-2048.public.der");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(rsa_modulus_bits(ByteView(whole).first(size)), Fails(Kind::invalid)) << size;
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_THAT(rsa_modulus_bits(longer), Fails(Kind::invalid, HasSubstr("1 stray bytes")));
}

}  // namespace
}  // namespace edgeseal::crypto
