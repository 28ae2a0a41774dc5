// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/public_key.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/unit/crypto/keys/key_files.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;

Result<PublicKey> parse(const std::string& text) { return PublicKey::parse(as_bytes(text)); }
std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

TEST(PublicKeyTest, TakesDerOfEachSize) {
  for (const unsigned bits : {2048U, 3072U, 4096U}) {
    const Bytes der = key_file("rsa-" + std::to_string(bits) + ".public.der");
    const auto key = PublicKey::parse(der);
    ASSERT_THAT(key, IsOk());
    EXPECT_EQ(key->der(), der);
    EXPECT_EQ(key->bits(), bits);
    EXPECT_EQ(key->form(), "DER");
    EXPECT_EQ(key->kms_key(), std::nullopt);
  }
}

// SHA256SUMS was written by sha256sum.
TEST(PublicKeyTest, ItsPinIsTheDigestOfTheDer) {
  const std::string sums = text_of(key_file("SHA256SUMS"));
  for (const std::string name : {"rsa-2048.public.der", "rsa-3072.public.der", "rsa-4096.public.der"}) {
    const auto key = PublicKey::parse(key_file(name));
    ASSERT_THAT(key, IsOk());
    EXPECT_THAT(sums, HasSubstr(key->pin().digest.hex() + "  " + name));
  }
}

TEST(PublicKeyTest, AllThreeFormsGiveTheSameKey) {
  const Bytes der = key_file("rsa-2048.public.der");
  const std::string pem = text_of(key_file("rsa-2048.public.pem"));
  std::string pem_crlf;
  for (const char c : pem) pem_crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::pair<std::string, std::string> rows[] = {
      {"PEM", pem},
      {"PEM", pem_crlf},
      {"PEM", "subject=CN = test\nissued by hand\n" + pem + "\ntrailing words\n"},
      {"KMS JSON", kms_json(der)},
      {"KMS JSON", " \r\n\t" + kms_json(der)},
      {"KMS JSON", "\xef\xbb\xbf" + kms_json(der)},
  };
  for (const auto& [form, text] : rows) {
    const auto key = parse(text);
    ASSERT_THAT(key, IsOk()) << text;
    EXPECT_EQ(key->form(), form);
    EXPECT_EQ(key->der(), der);
    EXPECT_EQ(key->pin(), PublicKey::parse(der)->pin());
  }
}

TEST(PublicKeyTest, TheJsonBringsTheKeysArn) {
  const auto key = parse(kms_json(key_file("rsa-2048.public.der")));
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->kms_key(), kKmsKeyArn);
}

TEST(PublicKeyTest, RefusesAPrivateKeyInPemAndSaysHowToTakeThePublicHalf) {
  for (const std::string name : {"rsa-2048.private.pem", "rsa-2048.pkcs1-private.pem"}) {
    EXPECT_THAT(PublicKey::parse(key_file(name)),
                Fails(Kind::invalid, AllOf(HasSubstr("private key"), HasSubstr("does not belong on a gateway"),
                                           HasSubstr("openssl pkey -in FILE -pubout"))))
        << name;
  }
  EXPECT_THAT(parse("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), Fails(Kind::invalid, HasSubstr("private key")));
}

TEST(PublicKeyTest, RefusesAnythingElseInDer) {
  for (const std::string name : {"rsa-2048.private.der", "rsa-2048.pkcs1-private.der", "rsa-2048.pkcs1-public.der",
                                 "ec-p256.public.der", "ed25519.public.der", "rsa-pss-2048.public.der"}) {
    EXPECT_THAT(PublicKey::parse(key_file(name)),
                Fails(Kind::invalid, AllOf(HasSubstr("not a DER SubjectPublicKeyInfo of an RSA key"),
                                           HasSubstr("aws kms get-public-key"))))
        << name;
  }
}

TEST(PublicKeyTest, RefusesAPkcs1PublicKeyInPemWithTheCommandThatConvertsIt) {
  EXPECT_THAT(PublicKey::parse(key_file("rsa-2048.pkcs1-public.pem")),
              Fails(Kind::invalid, AllOf(HasSubstr("RSA PUBLIC KEY"), HasSubstr("openssl rsa -RSAPublicKey_in"))));
}

TEST(PublicKeyTest, RefusesOtherPem) {
  EXPECT_THAT(PublicKey::parse(key_file("rsa-2048.certificate.pem")),
              Fails(Kind::invalid, HasSubstr("PEM holds a CERTIFICATE, expected a PUBLIC KEY")));
  EXPECT_THAT(PublicKey::parse(key_file("ec-p256.public.pem")),
              Fails(Kind::invalid, HasSubstr("not a DER SubjectPublicKeyInfo of an RSA key")));
}

TEST(PublicKeyTest, RefusesBrokenPem) {
  const std::string pem = text_of(key_file("rsa-2048.public.pem"));
  EXPECT_THAT(parse(pem.substr(0, pem.size() - 30)), Fails(Kind::invalid, HasSubstr("no line \"-----END PUBLIC KEY")));
  EXPECT_THAT(parse("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"), Fails(Kind::invalid));
  EXPECT_THAT(parse("-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n"),
              Fails(Kind::invalid, HasSubstr("not base64")));
  EXPECT_THAT(parse("-----BEGIN "), Fails(Kind::invalid));
  EXPECT_THAT(parse("-----BEGIN PUBLIC KEY"), Fails(Kind::invalid));
}

// Only the first would seal, and whoever wrote both meant both, or has left an old one behind.
TEST(PublicKeyTest, RefusesASecondBlockInPem) {
  const std::string pem = text_of(key_file("rsa-2048.public.pem"));
  const std::pair<std::string, std::string> rows[] = {
      {text_of(key_file("ec-p256.public.pem")), "a second PUBLIC KEY"},
      {pem, "a second PUBLIC KEY"},
      {text_of(key_file("rsa-2048.private.pem")), "private key"},
      {text_of(key_file("rsa-2048.certificate.pem")), "PEM holds a CERTIFICATE"},
      {"-----BEGIN ", "PEM holds a"},
  };
  for (const auto& [second, words] : rows) {
    EXPECT_THAT(parse(pem + second), Fails(Kind::invalid, HasSubstr(words))) << second;
    EXPECT_THAT(parse(pem + "words between\n" + second), Fails(Kind::invalid, HasSubstr(words))) << second;
  }
}

TEST(PublicKeyTest, RefusesOtherSizes) {
  EXPECT_THAT(PublicKey::parse(key_file("rsa-1024.public.der")),
              Fails(Kind::invalid, HasSubstr("RSA key of 1024 bits")));
  EXPECT_THAT(PublicKey::parse(key_file("rsa-2304.public.der")),
              Fails(Kind::invalid, HasSubstr("RSA key of 2304 bits")));
}

TEST(PublicKeyTest, RefusesTrailingBytesInEveryForm) {
  Bytes longer = key_file("rsa-2048.public.der");
  longer.insert(longer.end(), {'\n', 0});
  EXPECT_THAT(PublicKey::parse(longer), Fails(Kind::invalid, HasSubstr("2 stray bytes")));
  EXPECT_THAT(parse(kms_json(longer)), Fails(Kind::invalid, HasSubstr("2 stray bytes")));
  EXPECT_THAT(parse("-----BEGIN PUBLIC KEY-----\n" + to_base64(longer) + "\n-----END PUBLIC KEY-----\n"),
              Fails(Kind::invalid, HasSubstr("2 stray bytes")));
}

TEST(PublicKeyTest, RefusesAKmsKeyForSigning) {
  EXPECT_THAT(parse(kms_json(key_file("rsa-2048.public.der"), "SIGN_VERIFY")),
              Fails(Kind::invalid, AllOf(HasSubstr("SIGN_VERIFY"), HasSubstr("--key-usage ENCRYPT_DECRYPT"))));
}

TEST(PublicKeyTest, RefusesJsonThatIsNotWhatKmsPrints) {
  const std::pair<std::string, std::string> rows[] = {
      {"{", "begins like JSON but is none"},
      {"{}", "no string \"PublicKey\""},
      {"{\"PublicKey\": 7}", "no string \"PublicKey\""},
      {"{\"PublicKey\": \"!\"}", "\"PublicKey\" is not base64"},
      {"{\"PublicKey\": \"AAAA\"}", "not a DER SubjectPublicKeyInfo"},
      {kms_json(key_file("rsa-2048.public.der")) + "}", "begins like JSON but is none"},
  };
  for (const auto& [text, problem] : rows) EXPECT_THAT(parse(text), Fails(Kind::invalid, HasSubstr(problem))) << text;
}

TEST(PublicKeyTest, RefusesFilesThatAreEmptyOrFarTooLarge) {
  EXPECT_THAT(parse(""), Fails(Kind::invalid, HasSubstr("empty")));
  EXPECT_THAT(parse(std::string(64 * 1024 + 1, ' ')), Fails(Kind::invalid, HasSubstr("over 64 KiB")));
  EXPECT_THAT(parse(std::string(100, ' ')), Fails(Kind::invalid));
}

// Keys come over the network too: whatever a byte becomes, the answer is a key or a reason.
TEST(PublicKeyTest, SurvivesEveryDamagedByte) {
  const Bytes der = key_file("rsa-2048.public.der");
  for (std::size_t at = 0; at < der.size(); ++at) {
    for (const int damage : {0x01, 0x80, 0xff}) {
      Bytes damaged = der;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ damage);
      if (const auto key = PublicKey::parse(damaged)) {
        EXPECT_FALSE(key->pin() == PublicKey::parse(der)->pin());
      }
    }
  }
}

}  // namespace
}  // namespace edgeseal::crypto
