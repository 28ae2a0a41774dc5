// SPDX-License-Identifier: GPL-3.0-or-later
// Data that can be reached only through its lock.
#pragma once
#include <mutex>
#include <utility>

namespace edgeseal {

/// Holds a T behind a mutex. `with` calls its argument with the T while the lock is held. The call must be short, and
/// must not take a second lock.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}
  template <typename Use>
  decltype(auto) with(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <typename Use>
  decltype(auto) with(Use&& use) const {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace edgeseal
