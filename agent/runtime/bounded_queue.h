// SPDX-License-Identifier: GPL-3.0-or-later
// What threads hand over to one another: a queue that cannot grow past its bound.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "crypto/base/time.h"

namespace edgeseal::agent {

/// Any number of threads on both sides. After `close` nothing more goes in, and what is inside still comes out.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t items_max) : items_max_(items_max) {}

  /// Waits for room. False when the queue is closed; `item` is lost then.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return closed_ || items_.size() < items_max_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    arrived_.notify_one();
    return true;
  }

  /// The next item; nothing when `wait_max` has passed without one, or the queue is closed and empty.
  std::optional<T> pop(std::optional<Duration> wait_max) {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return closed_ || !items_.empty(); };
    if (wait_max) {
      arrived_.wait_for(lock, *wait_max, ready);
    } else {
      arrived_.wait(lock, ready);
    }
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    room_.notify_one();
    return item;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    arrived_.notify_all();
    room_.notify_all();
  }

  /// Closed, and everything has been taken out.
  [[nodiscard]] bool finished() const {
    const std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }

 private:
  const std::size_t items_max_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable room_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace edgeseal::agent
