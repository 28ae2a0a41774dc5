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
  EXPECT_TRUE(window.filled_by(20)) << "a small window is committed whole";
  EXPECT_FALSE(window.filled_by(19));
}

TEST(WindowEstimate, KnowsHowManyAreMissingUntilItIsFilled) {
  const WindowEstimate small(20);
  EXPECT_EQ(small.missing_from(0), 20U);
  EXPECT_EQ(small.missing_from(19), 1U);
  EXPECT_EQ(small.missing_from(20), 1U) << "at least one";
  const WindowEstimate even(200);
  EXPECT_EQ(even.missing_from(0), 100U);
  const WindowEstimate odd(201);
  EXPECT_EQ(odd.missing_from(0), 101U);
  EXPECT_TRUE(odd.filled_by(101));
  EXPECT_FALSE(odd.filled_by(100));
}

TEST(WindowEstimate, DoesNotLearnFromSilencesThatDiffer) {
  WindowEstimate window(1000);
  for (const std::uint64_t waiting : {20U, 7U, 20U, 7U}) window.on_silence(waiting);
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
