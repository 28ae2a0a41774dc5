// SPDX-License-Identifier: GPL-3.0-or-later
// Data that can be reached only through its lock, and that a thread may wait for.
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "crypto/base/time.h"

namespace edgeseal {

/// As Guarded; besides, `change` wakes who waits.
template <typename T>
class Monitored {
 public:
  template <typename... Arguments>
  explicit Monitored(Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}

  template <typename Use>
  decltype(auto) with(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  /// As `with`; then whoever waits looks again.
  template <typename Use>
  decltype(auto) change(Use&& use) {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();  // they look once the lock is free
    return std::forward<Use>(use)(value_);
  }
  /// Waits until `ready` says true of the T, or `wait_max` has passed. Gives what `ready` said last; saying true, it
  /// may change the T.
  template <typename Ready>
  bool wait(std::optional<Duration> wait_max, Ready&& ready) {
    std::unique_lock lock(mutex_);
    const auto look = [&] { return ready(value_); };
    if (wait_max) return changed_.wait_for(lock, *wait_max, look);
    changed_.wait(lock, look);
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  T value_;
};

}  // namespace edgeseal
