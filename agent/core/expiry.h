// SPDX-License-Identifier: GPL-3.0-or-later
// Drops the batches that have outlived their route's ttl.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/core/observer.h"
#include "config/options.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "storage/spool.h"

namespace edgeseal::agent {

/// Ages are told by the wall clock, the only one that outlives a restart. A clock that jumps must not take everything
/// with it: while nobody vouches for it (Now::synced), nothing expires once it has moved by itself for more than an
/// hour, or if it began more than a week past the spool's newest stamp; and a stamp from before there was an edgeseal
/// tells nothing of an age.
///
/// Ownership: borrows spool and observer. Threads: one at a time.
class Expiry {
 public:
  Expiry(const std::vector<config::RouteOptions>& routes, storage::Spool& spool, Observer& observer);

  /// Nothing when no route has a ttl.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

  /// Drops what has expired, a bounded number a call. Fails as Spool::expire does; what is left waits for the deadline.
  [[nodiscard]] Result<void> advance_to(Now now);

 private:
  struct Lifetime {
    RouteName route;
    std::chrono::milliseconds ttl;
  };
  [[nodiscard]] Result<bool> trusts(Now now);
  [[nodiscard]] Result<void> expire(Now now);

  std::vector<Lifetime> lifetimes_;
  storage::Spool& spool_;
  Observer& observer_;
  MonotonicTime next_;
  std::optional<Duration> offset_;  ///< of the wall clock to the monotonic one, when last trusted
  bool doubted_ = false;            ///< the clock was far ahead at the start, and nobody vouched for it
};

}  // namespace edgeseal::agent
