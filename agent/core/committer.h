// SPDX-License-Identifier: GPL-3.0-or-later
// Decides when what has arrived becomes durable, and which acknowledgements may then go.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/batcher.h"
#include "agent/core/observer.h"
#include "agent/core/redelivery.h"
#include "agent/core/router.h"
#include "agent/core/sealer.h"
#include "agent/core/window.h"
#include "config/options.h"
#include "crypto/keys/key_set.h"
#include "storage/spool.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// A route with the keys that its batches are sealed with.
struct RouteSetup {
  config::RouteOptions options;
  crypto::KeySet keys;
};

/// The newest arrival of each source that is durable, by source name: what to release.
using Releases = std::map<std::string, transport::ArrivalNumber>;

/// One commit covers all that came since the last: new records of an open batch become a journal frame, a batch that is
/// due is sealed whole, and only then are their acknowledgements released. A commit that the spool refuses is kept as
/// it is and tried again; meanwhile nothing more is taken (see `full`).
///
/// Ownership: borrows spool, sealer and observer, which outlive it. Threads: one at a time.
class Committer {
 public:
  /// Messages come from `sources` only.
  Committer(const std::vector<config::NamedSource>& sources, std::vector<RouteSetup> routes,
            config::CommitOptions options, storage::Spool& spool, Sealer& sealer, Observer& observer);

  /// Promotes the journals that an earlier process left, in order, and reads where the chains stand. Call once, first.
  [[nodiscard]] Result<void> recover();

  /// Takes a message of `source`. One that the broker repeats is not stored twice. `acknowledged` as in Redelivery.
  /// Must not be called while `full`. Kind::fault when a primitive fails.
  [[nodiscard]] Result<void> on_message(const std::string& source, transport::ArrivalNumber number,
                                        transport::ArrivalNumber acknowledged, transport::Message message, Now now);

  /// Nothing more may be taken before the next commit succeeds.
  [[nodiscard]] bool full() const;

  /// When `advance_to` has something to do.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

  /// Commits if that is due: a message has waited for the commit interval, a batch is full or old, or a broker's window
  /// is filled, so that no more will come before a release. Call it when nothing more waits to be taken.
  /// Gives what may be released; empty when nothing was committed.
  /// Fails only with what no later try can mend (Kind::fault, Kind::corrupt): stop.
  [[nodiscard]] Result<Releases> advance_to(Now now);

  /// Commits everything at once; with `close`, open batches are sealed whole.
  [[nodiscard]] Result<Releases> commit(Now now, bool close = false);

 private:
  struct SourceState {
    WindowEstimate window;
    transport::ArrivalNumber newest = 0;  ///< stored, unrouted or not yet committed
    std::uint64_t waiting = 0;            ///< for an acknowledgement: QoS 1 and 2 since the last commit
    MonotonicTime last_arrival;
    Redelivery redelivery;
  };
  struct Lane {
    RouteSetup setup;
    Batcher batcher;
    ChainTip tip;
    OpenBatchFacts facts;                  ///< of the open batch; valid while there is one
    std::unique_ptr<OpenJournal> journal;  ///< of the open batch, once a frame was needed
  };
  /// What a commit will have changed in a lane.
  struct Staged {
    Lane* lane;
    std::optional<ChainTip> closed_at;  ///< the batch was sealed whole, with this digest
    std::uint64_t records = 0;
  };
  void note_silences(Now now);
  void stage_releases();
  [[nodiscard]] Result<void> stage(Lane& lane, Now now, bool close);
  [[nodiscard]] Result<void> stage_batch(Lane& lane, Now now);
  [[nodiscard]] Result<void> stage_frame(Lane& lane, Now now);
  [[nodiscard]] Result<void> name_open_batch(Lane& lane);
  [[nodiscard]] Result<Releases> try_staged(Now now);
  void apply_staged();

  std::vector<std::unique_ptr<Lane>> lanes_;
  Router router_;
  config::CommitOptions options_;
  storage::Spool& spool_;
  Sealer& sealer_;
  Observer& observer_;

  std::map<std::string, SourceState> sources_;
  bool anything_new_ = false;                     ///< since the last commit
  std::optional<MonotonicTime> commit_deadline_;  ///< of the oldest message that waits

  storage::SpoolChange change_;  ///< staged, perhaps refused before
  std::vector<Staged> staged_;
  Releases staged_releases_;
  MonotonicTime next_try_;  ///< of a refused commit
};

}  // namespace edgeseal::agent
