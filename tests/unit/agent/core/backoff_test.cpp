// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/backoff.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/random.h"

namespace edgeseal::agent {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DrawsEvenlyUpToABoundThatDoublesAndStops) {
  test::SeededRandom random(7);
  Backoff backoff({1s, 60s});
  for (const Duration bound : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    // Many gateways at the same failure: their waits fill the whole range.
    Duration least = bound;
    Duration most = Duration::zero();
    const Backoff before = backoff;
    for (int gateway = 0; gateway < 200; ++gateway) {
      Backoff one = before;
      const Duration wait = one.after_failure(random);
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    EXPECT_LT(least, bound / 10);
    EXPECT_GT(most, bound * 9 / 10);
    EXPECT_LE(most, bound);
    (void)backoff.after_failure(random);
  }
}

TEST(Backoff, BeginsAgainAfterASuccess) {
  test::SeededRandom random(7);
  Backoff backoff({1s, 60s});
  for (int i = 0; i < 40; ++i) (void)backoff.after_failure(random);
  backoff.after_success();
  EXPECT_EQ(backoff.failures(), 0U);
  EXPECT_LE(backoff.after_failure(random), 1s);
}

TEST(Backoff, WithoutRandomnessWaitsTheWholeBound) {
  test::FailingRandom random;
  Backoff backoff({1s, 60s});
  EXPECT_EQ(backoff.after_failure(random), 1s);
  EXPECT_EQ(backoff.after_failure(random), 2s);
}

}  // namespace
}  // namespace edgeseal::agent
