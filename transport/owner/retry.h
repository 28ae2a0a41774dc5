// SPDX-License-Identifier: GPL-3.0-or-later
// How the owner's requests are made again: the law of the gateway's forwarder (agent/core/backoff.h), for a program
// that someone waits for.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "crypto/base/guarded.h"
#include "crypto/base/result.h"

namespace edgeseal::transport {

/// Exponential backoff with full jitter: each pause is drawn evenly from zero to a bound that doubles, so that a
/// thousand openers which were throttled do not come back at once. What a far side asks for (Retry-After) is the least.
struct RetryOptions {
  using Milliseconds = std::chrono::milliseconds;
  Milliseconds pause_first{500};              ///< bound of the first pause
  Milliseconds pause_longest{30'000};         ///< bound of any; also the most that a far side may ask for at once
  Milliseconds patience{120'000};             ///< all pauses without progress while the far side fails
  Milliseconds patience_overloaded{900'000};  ///< the same while it says that it has too much to do
  unsigned attempts_max = 200;                ///< without progress, however short the pauses were
  /// Draws from 0 to 1; tests own it.
  std::function<double()> draw = [] {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>{}(generator);
  };
  /// Waits; tests own it.
  std::function<void(Milliseconds)> pause = [](Milliseconds time) { std::this_thread::sleep_for(time); };
};

/// Far sides that patience has ended with. Until one answers again it is asked once and not again, so that a thousand
/// objects behind a server that is away do not each wait as long as the first. Any thread.
class GivenUp {
 public:
  /// `options` as they are, or for a single attempt.
  [[nodiscard]] RetryOptions options_for(const std::string& far_side, RetryOptions options) const {
    if (names_.with([&](const auto& names) { return names.contains(far_side); })) options.attempts_max = 1;
    return options;
  }
  /// What became of the last request to `far_side`.
  template <typename T>
  void note(const std::string& far_side, const Result<T>& result) {
    const bool away = !result && (result.error().kind == Kind::transient || result.error().kind == Kind::overloaded);
    names_.with([&](auto& names) {
      if (!away) names.erase(far_side);
      if (away && names.size() < kNamesMax) names.insert(far_side);
    });
  }

 private:
  static constexpr std::size_t kNamesMax = 1000;  // objects of strangers name regions
  Guarded<std::set<std::string>> names_;
};

/// Calls `attempt` until it succeeds, fails with another kind than transient or overloaded, or patience ends; gives its
/// last result. `progress` tells how far the work has come, in any unit: when that has grown since the failure before,
/// pauses and patience begin anew, so that a long download over a bad link ends when it stands still, not when it has
/// failed often.
template <typename Attempt, typename Progress>
[[nodiscard]] auto with_retries(const RetryOptions& options, Attempt&& attempt, Progress&& progress)
    -> decltype(attempt()) {
  using Milliseconds = RetryOptions::Milliseconds;
  Milliseconds bound = options.pause_first;
  Milliseconds paused{0};
  unsigned made = 0;
  std::uint64_t reached = progress();
  for (;;) {
    auto result = attempt();
    if (result) return result;
    const Error& error = result.error();
    if (error.kind != Kind::transient && error.kind != Kind::overloaded) return result;
    if (const std::uint64_t now = progress(); now > reached) {
      reached = now;
      bound = options.pause_first;
      paused = Milliseconds{0};
      made = 0;
    }
    const Milliseconds drawn(static_cast<Milliseconds::rep>(options.draw() * static_cast<double>(bound.count())));
    const Milliseconds asked = std::min(Milliseconds(error.retry_after_ms.value_or(0)), options.pause_longest);
    const Milliseconds next = std::max(drawn, asked);
    paused += next;
    const Milliseconds patience = error.kind == Kind::overloaded ? options.patience_overloaded : options.patience;
    if (++made >= options.attempts_max || paused > patience) return result;
    options.pause(next);
    bound = std::min(bound * 2, options.pause_longest);
  }
}

/// For work that is done whole or not at all.
template <typename Attempt>
[[nodiscard]] auto with_retries(const RetryOptions& options, Attempt&& attempt) -> decltype(attempt()) {
  return with_retries(options, std::forward<Attempt>(attempt), [] { return std::uint64_t{0}; });
}

}  // namespace edgeseal::transport
