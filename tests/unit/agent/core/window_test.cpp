// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/window.h"

#include <gtest/gtest.h>

namespace edgeseal::agent {
namespace {

TEST(WindowEstimate, BeginsWithTheReceiveMaximum) {
  const WindowEstimate window(1000);
  EXPECT_FALSE(window.filled_by(499));
  EXPECT_TRUE(window.filled_by(500));
  EXPECT_FALSE(window.filled_by(0));
}

TEST(WindowEstimate, LearnsASmallerOneFromTwoEqualSilences) {
  WindowEstimate window(1000);
  window.on_silence(20);
  EXPECT_FALSE(window.filled_by(20)) << "once is chance";
  window.on_silence(20);
  EXPECT_TRUE(window.filled_by(10));
  EXPECT_FALSE(window.filled_by(9));
}

TEST(WindowEstimate, KnowsHowManyAreMissingUntilItIsFilled) {
  const WindowEstimate even(20);
  EXPECT_EQ(even.missing_from(0), 10U);
  EXPECT_EQ(even.missing_from(9), 1U);
  EXPECT_EQ(even.missing_from(10), 1U) << "at least one";
  const WindowEstimate odd(21);
  EXPECT_EQ(odd.missing_from(0), 11U);
  EXPECT_TRUE(odd.filled_by(11));
  EXPECT_FALSE(odd.filled_by(10));
}

TEST(WindowEstimate, DoesNotLearnFromSilencesThatDiffer) {
  WindowEstimate window(1000);
  for (const std::uint64_t waiting : {20, 7, 20, 7}) window.on_silence(waiting);
  EXPECT_EQ(window.window(), 1000U);
}

TEST(WindowEstimate, ForgetsWhatTheBrokerExceeds) {
  WindowEstimate window(1000);
  window.on_silence(20);
  window.on_silence(20);
  window.on_arrival(20);
  EXPECT_EQ(window.window(), 20U);
  window.on_arrival(21);
  EXPECT_EQ(window.window(), 1000U);
}

}  // namespace
}  // namespace edgeseal::agent
