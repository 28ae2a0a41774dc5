// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/bounded_queue.h"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace edgeseal::agent {
namespace {

using namespace std::chrono_literals;
constexpr Duration kLong = 20s;

template <typename T>
std::optional<T> waited_for(BoundedQueue<T>& queue, std::optional<Duration> wait_max, std::size_t items_min = 1) {
  queue.wait(wait_max, items_min);
  return queue.pop();
}

TEST(BoundedQueue, GivesItemsInOrderAndNothingWhenEmpty) {
  BoundedQueue<std::unique_ptr<int>> queue(8);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(std::make_unique<int>(i)));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(**waited_for(queue, kLong), i);
  EXPECT_FALSE(queue.pop().has_value());
}

TEST(BoundedQueue, WaitsForAsManyAsAreWanted) {
  BoundedQueue<int> queue(8);
  EXPECT_TRUE(queue.push(1));
  std::thread pusher([&queue] {
    EXPECT_TRUE(queue.push(2));
    EXPECT_TRUE(queue.push(3));
  });
  EXPECT_EQ(waited_for(queue, kLong, 3), 1);
  pusher.join();  // had it not waited, the others would have come too late for one taking
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.pop(), 3);
}

TEST(BoundedQueue, GivesFewerThanWantedOnceTheTimeIsUp) {
  BoundedQueue<int> queue(8);
  EXPECT_TRUE(queue.push(1));
  EXPECT_EQ(waited_for(queue, 1ms, 3), 1);
}

// More than the queue holds can never come.
TEST(BoundedQueue, WantsNoMoreThanItHolds) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  EXPECT_EQ(waited_for(queue, std::nullopt, 3), 1);
}

TEST(BoundedQueue, LetsAPushWaitForRoom) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.push(1));
  std::thread pusher([&queue] { EXPECT_TRUE(queue.push(2)); });
  EXPECT_EQ(waited_for(queue, kLong), 1);
  EXPECT_EQ(waited_for(queue, kLong), 2);
  pusher.join();
}

TEST(BoundedQueue, ClosedGivesWhatIsInsideAndTakesNothingMore) {
  BoundedQueue<int> queue(8);
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  std::thread closer([&queue] { queue.close(); });
  EXPECT_EQ(waited_for(queue, std::nullopt, 3), 1);
  closer.join();
  EXPECT_FALSE(queue.push(3));
  EXPECT_FALSE(queue.finished());
  EXPECT_EQ(waited_for(queue, std::nullopt), 2);
  EXPECT_TRUE(queue.finished());
  EXPECT_FALSE(waited_for(queue, std::nullopt).has_value());
}

}  // namespace
}  // namespace edgeseal::agent
