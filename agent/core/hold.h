// SPDX-License-Identifier: GPL-3.0-or-later
// What the spool refuses for now is tried again.
#pragma once
#include "agent/core/commit_report.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"

namespace edgeseal::agent {

/// When the next try is worth it. Borrows the clock, for the refusal itself may have taken seconds.
class Hold {
 public:
  explicit Hold(const Clock& clock) : clock_(clock) {}

  /// Whether `refusal` may end by itself: then the next try is set, and stands in the report.
  [[nodiscard]] bool take(const Error& refusal, CommitReport& report) {
    if (is_final(refusal)) return false;
    next_try_ = clock_.now().monotonic + kInterval;
    report.held.push_back({refusal, next_try_});
    return true;
  }
  /// At once, before anything was refused.
  [[nodiscard]] MonotonicTime next_try() const { return next_try_; }

 private:
  static constexpr Duration kInterval = std::chrono::seconds(1);
  const Clock& clock_;
  MonotonicTime next_try_;
};

}  // namespace edgeseal::agent
