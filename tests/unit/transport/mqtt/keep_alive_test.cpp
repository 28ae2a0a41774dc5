// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/keep_alive.h"

#include <gtest/gtest.h>

namespace edgeseal::transport {
namespace {

using std::chrono::seconds;

constexpr KeepAlive::Time at(int second) { return KeepAlive::Time{} + seconds{second}; }

TEST(KeepAliveTest, NeverPingsWhenTheBrokerAskedForNothing) {
  KeepAlive keep_alive;
  EXPECT_FALSE(keep_alive.ping_due(at(1'000'000)));
  EXPECT_FALSE(keep_alive.deadline());
}

TEST(KeepAliveTest, PingsInsideTheIntervalAndOnlyWhenNothingElseWasWritten) {
  KeepAlive keep_alive;
  keep_alive.begin(seconds{8}, at(0));
  EXPECT_EQ(keep_alive.deadline(), at(6));
  EXPECT_FALSE(keep_alive.ping_due(at(5)));
  keep_alive.on_written(at(5));
  EXPECT_FALSE(keep_alive.ping_due(at(10)));
  EXPECT_TRUE(keep_alive.ping_due(at(11)));
  keep_alive.on_pinged(at(11));
  EXPECT_FALSE(keep_alive.ping_due(at(16)));
  EXPECT_TRUE(keep_alive.ping_due(at(17)));
}

TEST(KeepAliveTest, GivesABrokerUpThatSaysNothingAfterAPing) {
  KeepAlive keep_alive;
  keep_alive.begin(seconds{8}, at(0));
  keep_alive.on_pinged(at(6));
  keep_alive.on_pinged(at(12));  // the first counts
  EXPECT_FALSE(keep_alive.broker_is_gone(at(17)));
  EXPECT_TRUE(keep_alive.broker_is_gone(at(18)));
  keep_alive.on_heard();
  EXPECT_FALSE(keep_alive.broker_is_gone(at(1000)));
}

TEST(KeepAliveTest, BeingToldTheSameAgainChangesNothing) {
  KeepAlive keep_alive;
  keep_alive.begin(seconds{8}, at(0));
  keep_alive.begin(seconds{8}, at(5));
  EXPECT_TRUE(keep_alive.ping_due(at(6)));
}

}  // namespace
}  // namespace edgeseal::transport
