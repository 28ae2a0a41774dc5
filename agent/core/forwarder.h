// SPDX-License-Identifier: GPL-3.0-or-later
// Decides what a sink gets next, and what its answer means.
#pragma once
#include <cstdint>
#include <map>
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
/// sink that refuses everything is paused for the longest backoff, or until what it lacked has been renewed.
///
/// What would be final is not decided by one passing fault: a batch whose refusal is doubtful is sent again several
/// times, while others go on; one whose bytes are not those that were sealed is read again over a connection of its own
/// before it is given up; and a verdict that the spool cannot write down yet is kept, and written before anything else
/// is sent: a batch that was delivered is not sent again because its confirmation had to wait.
///
/// Ownership: borrows everything it is given. Threads: one at a time; `Spool` calls may run beside others'.
class Forwarder {
 public:
  Forwarder(std::string gateway, SinkName sink, BackoffOptions backoff, transport::Sink& target, storage::Spool& spool,
            const storage::SpoolView& view, Random& random, Observer& observer);

  /// When `step` may find something to do again: after a failure the end of its wait; nothing otherwise, then only a
  /// new batch brings work.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

  /// Delivers one batch, if one is waiting and no wait is on. True when it moved something, so that there may be more.
  /// Fails only when the spool does for good: Kind::corrupt, Kind::fault.
  [[nodiscard]] Result<bool> step(Now now, const Clock& clock);

 private:
  /// What became of a batch, to be written into the spool.
  struct Verdict {
    enum class What { delivered, quarantined, damaged };
    What what = What::delivered;
    storage::QueuedBatch batch{};
    std::optional<Error> why{};  ///< of quarantined
  };
  /// A batch whose refusal may pass.
  struct Doubt {
    Backoff backoff;
    MonotonicTime next_try;
  };
  [[nodiscard]] bool waits(Now now);
  [[nodiscard]] Result<std::optional<storage::QueuedBatch>> next_batch(Now now) const;
  [[nodiscard]] Result<std::optional<Bytes>> sound_bytes(const storage::QueuedBatch& batch) const;
  [[nodiscard]] Result<bool> send(const storage::QueuedBatch& batch, ByteView bytes, const Clock& clock);
  [[nodiscard]] Result<void> deliver(const transport::SealedObject& object);
  [[nodiscard]] Result<bool> conclude(Verdict verdict, Now now);
  [[nodiscard]] Result<bool> write_verdict(Now now);
  [[nodiscard]] Result<void> write(const Verdict& verdict);
  void tell(const Verdict& verdict);
  [[nodiscard]] Result<bool> refused(const storage::QueuedBatch& batch, const Error& why, Now now);
  [[nodiscard]] Result<bool> doubtful(const storage::QueuedBatch& batch, const Error& why, Now now);
  [[nodiscard]] Result<bool> note_attempt(const storage::QueuedBatch& batch, const Error& why, Now now);
  [[nodiscard]] Result<bool> hold(const Error& why, Now now);

  std::string gateway_;
  SinkName sink_;
  Backoff backoff_;
  Backoff spool_backoff_;
  transport::Sink& target_;
  storage::Spool& spool_;
  const storage::SpoolView& view_;
  Random& random_;
  Observer& observer_;
  std::optional<MonotonicTime> next_try_;
  bool paused_ = false;                     ///< until next_try_, or until the sink has what it lacked
  std::optional<MonotonicTime> next_look_;  ///< whether it has
  std::optional<Verdict> verdict_;          ///< not written yet
  std::map<std::int64_t, Doubt> doubts_;    ///< by row
};

}  // namespace edgeseal::agent
