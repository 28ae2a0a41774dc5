// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/drbg.h"

#include <gtest/gtest.h>

#include "crypto/primitives/wolfcrypt_version.h"
#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

using test::IsOk;

TEST(DrbgTest, FillsAllOfTheBufferWithSomethingElseEachTime) {
  auto drbg = Drbg::create();
  ASSERT_THAT(drbg, IsOk());
  Bytes first(64);
  Bytes second(64);
  ASSERT_THAT(drbg->fill(first), IsOk());
  ASSERT_THAT(drbg->fill(second), IsOk());
  EXPECT_NE(first, second);
  // 2^-128 that sixteen bytes in a row were drawn as zeros.
  for (std::size_t at = 0; at < 64; at += 16)
    EXPECT_NE(Bytes(first.begin() + static_cast<long>(at), first.begin() + static_cast<long>(at) + 16), Bytes(16));
}

TEST(DrbgTest, TwoAreSeededApartAndCanBeMoved) {
  auto one = Drbg::create();
  auto two = Drbg::create();
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  Drbg moved = std::move(*one);
  Bytes first(32);
  Bytes second(32);
  ASSERT_THAT(moved.fill(first), IsOk());
  ASSERT_THAT(two->fill(second), IsOk());
  EXPECT_NE(first, second);
  *two = std::move(moved);
  ASSERT_THAT(two->fill(second), IsOk());
}

// The generator draws at most 64 KiB at once (NIST SP 800-90A table 2); nobody needs more.
TEST(DrbgTest, FillsNothingAndLargeBuffers) {
  auto drbg = Drbg::create();
  ASSERT_THAT(drbg, IsOk());
  Bytes none;
  EXPECT_THAT(drbg->fill(none), IsOk());
  Bytes large(64 * 1024);
  EXPECT_THAT(drbg->fill(large), IsOk());
}

TEST(WolfcryptDescriptionTest, SaysTheVersionAndWhichAes) {
  EXPECT_THAT(wolfcrypt_description(), ::testing::MatchesRegex("5\\.[0-9]+\\.[0-9]+, .+"));
}

}  // namespace
}  // namespace edgeseal::crypto
