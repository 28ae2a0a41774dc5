// SPDX-License-Identifier: GPL-3.0-or-later
// Decides what a sink gets next, and what its answer means.
#pragma once
#include <optional>
#include <string>

#include "agent/core/backoff.h"
#include "agent/core/observer.h"
#include "crypto/base/ids.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "storage/spool.h"
#include "storage/spool_view.h"
#include "transport/sinks/sink.h"

namespace edgeseal::agent {

/// One sink's way through the spool: highest priority first, in order within one, a batch leaves only after its
/// confirmation. An unreachable sink is tried again with backoff; a refused batch is quarantined and blocks no other; a
/// sink that refuses everything is paused for the longest backoff. What the disk has altered since it was sealed is not
/// sent: it is dropped and recorded.
///
/// Ownership: borrows everything it is given. Threads: one at a time; `Spool` calls may run beside others'.
class Forwarder {
 public:
  Forwarder(std::string gateway, SinkName sink, BackoffOptions backoff, transport::Sink& target, storage::Spool& spool,
            const storage::SpoolView& view, Random& random, Observer& observer);

  /// When `step` may find something to do again: after a failure the end of its wait; nothing otherwise, then only a
  /// new batch brings work.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const { return next_try_; }

  /// Delivers one batch, if one is waiting and no wait is on. True when it moved something, so that there may be more.
  /// Fails only when the spool does.
  [[nodiscard]] Result<bool> step(Now now, const Clock& clock);

 private:
  [[nodiscard]] Result<bool> damaged(const storage::QueuedBatch& batch);
  [[nodiscard]] Result<bool> delivered(const storage::QueuedBatch& batch);
  [[nodiscard]] Result<bool> refused(const storage::QueuedBatch& batch, const Error& why, Now now);
  std::string gateway_;
  SinkName sink_;
  Backoff backoff_;
  transport::Sink& target_;
  storage::Spool& spool_;
  const storage::SpoolView& view_;
  Random& random_;
  Observer& observer_;
  std::optional<MonotonicTime> next_try_;
};

}  // namespace edgeseal::agent
