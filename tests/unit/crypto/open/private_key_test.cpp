// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/private_key.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/unit/crypto/keys/key_files.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;

Bytes refused_file(const std::string& name) { return key_file("../esdk/private-keys/" + name); }

TEST(PrivateKeyTest, ReadsEachFormOfOneKeyAlike) {
  const Bytes pkcs1 = key_file("rsa-2048.pkcs1-private.der");
  for (const char* name :
       {"rsa-2048.private.pem", "rsa-2048.private.der", "rsa-2048.pkcs1-private.pem", "rsa-2048.pkcs1-private.der"}) {
    const auto key = PrivateKey::parse(key_file(name));
    ASSERT_THAT(key, IsOk()) << name;
    EXPECT_EQ(key->bits(), 2048U);
    EXPECT_TRUE(equal_in_constant_time(key->der().reveal(), pkcs1)) << name;
  }
}

TEST(PrivateKeyTest, TakesTheSizesThatKmsHas) {
  EXPECT_EQ(PrivateKey::parse(key_file("rsa-3072.private.pem")).value().bits(), 3072U);
  EXPECT_EQ(PrivateKey::parse(key_file("rsa-4096.private.pem")).value().bits(), 4096U);
}

TEST(PrivateKeyTest, FindsThePemBlockAmongOtherText) {
  const std::string text = "a note by hand\n" + std::string(as_text(key_file("rsa-2048.private.pem"))) + "\nmore\n";
  EXPECT_THAT(PrivateKey::parse(as_bytes(text)), IsOk());
}

TEST(PrivateKeyTest, SaysHowToDecryptAnEncryptedKey) {
  for (const char* name : {"encrypted-pkcs8.pem", "encrypted-pkcs1.pem"}) {
    EXPECT_THAT(PrivateKey::parse(refused_file(name)),
                Fails(Kind::invalid, AllOf(HasSubstr("encrypted"), HasSubstr("openssl pkey -in"))))
        << name;
  }
}

TEST(PrivateKeyTest, NamesWhatItFoundInstead) {
  EXPECT_THAT(PrivateKey::parse(key_file("rsa-2048.public.pem")), Fails(Kind::invalid, HasSubstr("PUBLIC KEY")));
  EXPECT_THAT(PrivateKey::parse(key_file("rsa-2048.certificate.pem")), Fails(Kind::invalid, HasSubstr("CERTIFICATE")));
  EXPECT_THAT(PrivateKey::parse(refused_file("ec-p256.pem")), Fails(Kind::invalid, HasSubstr("not an RSA")));
  EXPECT_THAT(PrivateKey::parse(refused_file("rsa-1024.pem")), Fails(Kind::invalid, HasSubstr("1024 bits")));
  EXPECT_THAT(PrivateKey::parse(key_file("rsa-2048.public.der")), Fails(Kind::invalid, HasSubstr("not an RSA")));
  EXPECT_THAT(PrivateKey::parse({}), Fails(Kind::invalid, HasSubstr("empty")));
  EXPECT_THAT(PrivateKey::parse(Bytes(70'000, 'x')), Fails(Kind::invalid, HasSubstr("64 KiB")));
  EXPECT_THAT(PrivateKey::parse(as_bytes("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n")),
              Fails(Kind::invalid, HasSubstr("ssh-keygen")));
}

TEST(PrivateKeyTest, RefusesDamagedFiles) {
  const std::string pem(as_text(key_file("rsa-2048.private.pem")));
  EXPECT_THAT(PrivateKey::parse(as_bytes(pem.substr(0, 500))), Fails(Kind::invalid, HasSubstr("END PRIVATE KEY")));
  std::string not_base64 = pem;
  not_base64[200] = '!';
  EXPECT_THAT(PrivateKey::parse(as_bytes(not_base64)), Fails(Kind::invalid, HasSubstr("base64")));
  for (const char* name : {"rsa-2048.private.der", "rsa-2048.pkcs1-private.der"}) {
    const Bytes der = key_file(name);
    for (const std::size_t size : {std::size_t{1}, std::size_t{5}, der.size() / 2, der.size() - 1}) {
      EXPECT_THAT(PrivateKey::parse(ByteView(der).first(size)), Fails(Kind::invalid)) << name << " cut to " << size;
    }
  }
  Bytes stray = key_file("rsa-2048.pkcs1-private.der");
  stray.push_back(0);
  EXPECT_THAT(PrivateKey::parse(stray), Fails(Kind::invalid));
}

}  // namespace
}  // namespace edgeseal::crypto
