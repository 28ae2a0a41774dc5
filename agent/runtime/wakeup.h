// SPDX-License-Identifier: GPL-3.0-or-later
// Lets a thread sleep until it has a reason not to.
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>

#include "crypto/base/time.h"

namespace edgeseal::agent {

/// A bell that is remembered: a ring before the wait ends the wait at once. Any thread rings, one waits.
class Wakeup {
 public:
  void ring() {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    bell_.notify_one();
  }
  /// Sleeps until rung, or until `wait_max` has passed.
  void wait(std::optional<Duration> wait_max) {
    std::unique_lock lock(mutex_);
    const auto rung = [this] { return rung_; };
    if (wait_max) {
      bell_.wait_for(lock, *wait_max, rung);
    } else {
      bell_.wait(lock, rung);
    }
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
};

}  // namespace edgeseal::agent
