// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/hkdf.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;

struct DerivationRow {
  std::string_view ikm;
  std::string_view salt;
  std::string_view info;
  std::string_view okm;
};
// The inputs of RFC 5869 appendix A.1 to A.3, which gives no SHA-512; outputs by
// `openssl kdf -kdfopt digest:SHA512 … HKDF` and by python3-cryptography, which agree.
constexpr DerivationRow kDerivationRows[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
     "832390086cda71fb47625bb5ceb168e4c8e26a1a16ed34d9fc7fe92c1481579338da362cb8d9f925d7cb"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
     "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f"
     "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
     "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "ce6c97192805b346e6161e821ed165673b84f400a2b514b2fe23d84cd189ddf1b695b48cbd1c8388441137b3ce28f16a"
     "a64ba33ba466b24df6cfcb021ecff235f6a2056ce3af1de44d572097a8505d9e7a93"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "f5fa02b18298a72a8c23898a8703472c6eb179dc204c03425c970e3b164bf90fff22d04836d0e2343bac"},
};

TEST(HkdfTest, GivesTheVectors) {
  for (const DerivationRow& row : kDerivationRows) {
    const auto key = hkdf_sha512(SecretBytes::copy_of(*from_hex(row.ikm)), *from_hex(row.salt), *from_hex(row.info),
                                 row.okm.size() / 2);
    ASSERT_THAT(key, IsOk());
    EXPECT_EQ(to_hex(key->reveal()), row.okm);
  }
}

// RFC 5869 section 2.3: at most 255 blocks of the hash.
TEST(HkdfTest, DerivesUpTo255BlocksAndNoMore) {
  const SecretBytes key = SecretBytes::copy_of(as_bytes("key"));
  EXPECT_THAT(hkdf_sha512(key, {}, {}, std::size_t{255} * 64), IsOk());
  EXPECT_THAT(hkdf_sha512(key, {}, {}, std::size_t{255} * 64 + 1), Fails(Kind::fault));
}

}  // namespace
}  // namespace edgeseal::crypto
