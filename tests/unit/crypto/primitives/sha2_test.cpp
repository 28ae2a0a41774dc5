// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/sha2.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

using test::IsOk;

// FIPS 180-4 examples (csrc.nist.gov, Cryptographic Standards and Guidelines, Example Values).
constexpr std::string_view k448Bits = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
constexpr std::string_view k896Bits =
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

TEST(Sha256Test, GivesTheExamplesOfFips180) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {std::string(k448Bits), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
  for (const auto& [text, expected] : rows) {
    const auto digest = sha256(as_bytes(text));
    ASSERT_THAT(digest, IsOk());
    EXPECT_EQ(digest->hex(), expected) << text.size();
  }
}

TEST(Sha384Test, GivesTheExamplesOfFips180) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"", "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"},
      {"abc", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
      {std::string(k896Bits),
       "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"},
      {std::string(1'000'000, 'a'),
       "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985"}};
  for (const auto& [text, expected] : rows) {
    const auto digest = sha384(as_bytes(text));
    ASSERT_THAT(digest, IsOk());
    EXPECT_EQ(to_hex(*digest), expected) << text.size();
  }
}

}  // namespace
}  // namespace edgeseal::crypto
