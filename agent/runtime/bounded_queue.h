// SPDX-License-Identifier: GPL-3.0-or-later
// What threads hand over to one another: a queue that cannot grow past its bound.
#pragma once
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/base/time.h"

namespace edgeseal::agent {

/// Any number of threads push; one pops, and takes what it finds all at once, under one lock. After `close` nothing
/// more goes in, and what is inside still comes out.
template <typename T>
class BoundedQueue {
 public:
  /// Besides `items_max` there may be as many that the popping thread has taken and not yet given out.
  explicit BoundedQueue(std::size_t items_max) : items_max_(items_max) {}

  /// Waits for room. False when the queue is closed; `item` is lost then.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return closed_ || items_.size() < items_max_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    const bool enough = items_.size() == wanted_;
    lock.unlock();
    if (enough) arrived_.notify_one();
    return true;
  }

  /// Sleeps while the queue is empty, until `items_min` have come, `wait_max` has passed or the queue is closed. A
  /// higher `items_min` spares wake-ups and lets the first items lie as long.
  void wait(std::optional<Duration> wait_max, std::size_t items_min = 1) {
    if (next_ == taken_.size()) take(wait_max, items_min);
  }

  /// The next item; nothing when the queue is empty. Does not wait.
  std::optional<T> pop() {
    if (next_ == taken_.size()) take(Duration::zero(), 1);
    if (taken_.empty()) return std::nullopt;
    return std::move(taken_[next_++]);
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    arrived_.notify_all();
    room_.notify_all();
  }

  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  /// Closed, and everything has been popped. For the thread that pops.
  [[nodiscard]] bool finished() const {
    const std::lock_guard lock(mutex_);
    return closed_ && items_.empty() && next_ == taken_.size();
  }

 private:
  void take(std::optional<Duration> wait_max, std::size_t items_min) {
    taken_.clear();
    next_ = 0;
    std::unique_lock lock(mutex_);
    const std::size_t wanted = std::min(items_min, items_max_);
    const auto ready = [this, wanted] { return closed_ || items_.size() >= wanted; };
    wanted_ = wanted;
    if (!wait_max) {
      arrived_.wait(lock, ready);
    } else if (*wait_max > Duration::zero()) {  // a wait for no time sleeps for the timer's slack, 50 microseconds
      arrived_.wait_for(lock, *wait_max, ready);
    }
    wanted_ = kNobodyWaits;
    const bool was_full = items_.size() == items_max_;
    items_.swap(taken_);
    lock.unlock();
    if (was_full) room_.notify_all();
  }

  static constexpr std::size_t kNobodyWaits = std::numeric_limits<std::size_t>::max();
  const std::size_t items_max_;
  // under `mutex_`
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable room_;
  std::vector<T> items_;
  std::size_t wanted_ = kNobodyWaits;  ///< the popping thread sleeps until so many are there
  bool closed_ = false;
  // the popping thread's
  std::vector<T> taken_;
  std::size_t next_ = 0;  ///< of taken_, to be given out
};

}  // namespace edgeseal::agent
