// SPDX-License-Identifier: GPL-3.0-or-later
// Exponential backoff with full jitter: a wait drawn evenly from zero to a bound that doubles with each failure, so
// that a fleet which lost its uplink does not come back all at once.
#pragma once
#include <chrono>
#include <cstdint>

#include "crypto/base/random.h"
#include "crypto/base/time.h"

namespace edgeseal::agent {

struct BackoffOptions {
  Duration first = std::chrono::seconds(1);  ///< bound of the first wait
  Duration longest = std::chrono::minutes(5);
};

/// Threads: one at a time.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options = {}) : options_(options) {}

  /// How long to wait after one more failure. Without randomness it is the bound itself.
  [[nodiscard]] Duration after_failure(Random& random);
  void after_success() { failures_ = 0; }
  [[nodiscard]] std::uint32_t failures() const { return failures_; }
  [[nodiscard]] const BackoffOptions& options() const { return options_; }
  [[nodiscard]] Duration longest() const { return options_.longest; }

 private:
  BackoffOptions options_;
  std::uint32_t failures_ = 0;
};

}  // namespace edgeseal::agent
