// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/encryption_context.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

std::string serialised(EncryptionContext::Pairs pairs) {
  return to_hex(EncryptionContext::create(std::move(pairs)).value().serialise());
}

// spec: message-header.md, AAD: when empty, nothing follows its length, not even a pair count.
TEST(EncryptionContextTest, OfNoPairsIsNoBytes) {
  EXPECT_EQ(EncryptionContext().serialise(), Bytes{});
  EXPECT_EQ(serialised({}), "");
}

TEST(EncryptionContextTest, IsACountThenThePairsSortedByTheBytesOfTheirKeys) {
  EXPECT_EQ(serialised({{"b", "1"}, {"a", ""}, {"aa", "2"}, {"Z", "3"}}),
            "0004"
            "00015a000133"
            "0001610000"
            "00026161000132"
            "000162000131");
}

// Sorted as UTF-16 units U+1D11E (D834 DD1E) would stand before U+FB00; as UTF-8 it stands after.
TEST(EncryptionContextTest, SortsBytesAndNotUtf16Units) {
  EXPECT_EQ(serialised({{"\xf0\x9d\x84\x9e", ""}, {"\xef\xac\x80", ""}}),
            "0002"
            "0003efac800000"
            "0004f09d849e0000");
}

TEST(EncryptionContextTest, RefusesWhatSdksRefuse) {
  const std::tuple<std::string, std::string, std::string> rows[] = {
      {"", "value", "empty key"},
      {"aws-crypto-public-key", "value", "begins with aws-crypto"},
      {"aws-crypto", "value", "begins with aws-crypto"},
      {"key\xff", "value", "not UTF-8"},
      {"key", "\xed\xa0\x80", "not UTF-8"},
      {"key", std::string(65536, 'x'), "over 65,535 bytes"},
      {std::string(65536, 'x'), "value", "over 65,535 bytes"},
  };
  for (const auto& [key, value, problem] : rows) {
    EXPECT_THAT(EncryptionContext::create({{key, value}}), Fails(Kind::invalid, HasSubstr(problem)))
        << key.substr(0, 20);
  }
  EXPECT_THAT(EncryptionContext::create({{"aws", "1"}, {"aws-cryptic", "2"}, {"my-aws-crypto", "3"}}), IsOk());
}

TEST(EncryptionContextTest, TakesExactly65535BytesWithItsCount) {
  const std::size_t value_bytes = 65535 - 2 - 4 - 1;
  const auto most = EncryptionContext::create({{"k", std::string(value_bytes, 'x')}});
  ASSERT_THAT(most, IsOk());
  EXPECT_EQ(most->serialise().size(), 65535U);
  EXPECT_THAT(EncryptionContext::create({{"k", std::string(value_bytes + 1, 'x')}}),
              Fails(Kind::invalid, HasSubstr("takes 65536 bytes")));
}

}  // namespace
}  // namespace edgeseal::crypto
