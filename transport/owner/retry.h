// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "crypto/base/result.h"

namespace edgeseal::transport {

/// How often, and with which pauses, a request that failed for a time is made again.
struct RetryOptions {
  unsigned attempts_max = 6;                      ///< the first one included
  std::chrono::milliseconds pause_first{200};     ///< doubled after each failure
  std::chrono::milliseconds pause_longest{5000};  ///< also bounds what a server asks for
  /// Waits; tests own it.
  std::function<void(std::chrono::milliseconds)> pause = [](auto time) { std::this_thread::sleep_for(time); };
};

/// Calls `attempt` until it succeeds, fails with another kind than transient or overloaded, or the attempts are used
/// up; gives its last result.
template <typename Attempt>
[[nodiscard]] auto with_retries(const RetryOptions& options, Attempt&& attempt) -> decltype(attempt()) {
  std::chrono::milliseconds pause = options.pause_first;
  for (unsigned made = 1;; ++made) {
    auto result = attempt();
    if (result || made >= options.attempts_max) return result;
    const Error& error = result.error();
    if (error.kind != Kind::transient && error.kind != Kind::overloaded) return result;
    const std::chrono::milliseconds asked(error.retry_after_ms.value_or(0));
    options.pause(std::min(std::max(pause, asked), options.pause_longest));
    pause *= 2;
  }
}

}  // namespace edgeseal::transport
