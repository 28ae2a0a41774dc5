// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/fingerprint.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/random.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;

TEST(FingerprinterTest, GivesEqualContentsTheSameAndOthersAnother) {
  test::SeededRandom random(1);
  auto prints = Fingerprinter::create(random);
  ASSERT_THAT(prints, IsOk());
  std::set<Fingerprint> seen;
  Bytes content(100, 7);
  for (std::size_t bit = 0; bit < content.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    content[bit / 8] ^= mask;
    EXPECT_TRUE(seen.insert(prints->of(content).value()).second) << bit;
    EXPECT_FALSE(seen.insert(prints->of(content).value()).second) << bit;
    content[bit / 8] ^= mask;
  }
  for (std::size_t size = 0; size <= content.size(); ++size) {
    EXPECT_TRUE(seen.insert(prints->of(ByteView(content).first(size)).value()).second) << size;
  }
}

// What one process could be made to show is of no use against another.
TEST(FingerprinterTest, HasAKeyOfItsOwn) {
  test::SeededRandom random(1);
  auto one = Fingerprinter::create(random);
  auto other = Fingerprinter::create(random);
  EXPECT_NE(one->of(as_bytes("42")).value(), other->of(as_bytes("42")).value());
}

TEST(FingerprinterTest, NeedsRandomness) {
  test::FailingRandom random;
  EXPECT_THAT(Fingerprinter::create(random), Fails(Kind::fault));
}

}  // namespace
}  // namespace edgeseal::crypto
