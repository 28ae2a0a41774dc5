// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/reconnect_delay.h"

#include <gtest/gtest.h>

namespace edgeseal::transport {
namespace {

using std::chrono::milliseconds;

TEST(ReconnectDelay, IsAtLeastASecondHoweverOftenItFailed) {
  for (const unsigned failures : {0U, 1U, 5U, 1000U}) EXPECT_EQ(reconnect_delay(failures, 0.0), milliseconds{1000});
}

TEST(ReconnectDelay, IsSpreadOverABoundThatDoublesUpToThirtySeconds) {
  EXPECT_EQ(reconnect_delay(0, 1.0), milliseconds{2000});
  EXPECT_EQ(reconnect_delay(1, 1.0), milliseconds{4000});
  EXPECT_EQ(reconnect_delay(3, 1.0), milliseconds{16000});
  EXPECT_EQ(reconnect_delay(4, 1.0), milliseconds{30000});
  EXPECT_EQ(reconnect_delay(4'000'000'000, 1.0), milliseconds{30000});
  EXPECT_EQ(reconnect_delay(1, 0.5), milliseconds{2500});
}

TEST(ReconnectDelay, GrowsWhileConnectionsAreBrief) {
  using std::chrono::seconds;
  EXPECT_EQ(failures_after(0, seconds{0}), 1U);
  EXPECT_EQ(failures_after(3, seconds{0}), 4U);
  EXPECT_EQ(failures_after(3, seconds{29}), 4U);
  EXPECT_EQ(failures_after(3, seconds{30}), 0U);
}

}  // namespace
}  // namespace edgeseal::transport
