// SPDX-License-Identifier: GPL-3.0-or-later
// A route's open batch with its place in the chain, and what of it a commit makes durable.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "agent/core/batcher.h"
#include "agent/core/commit_report.h"
#include "agent/core/sealer.h"
#include "config/options.h"
#include "crypto/keys/key_set.h"
#include "storage/spool.h"
#include "transport/ingest/source.h"
#include "transport/mqtt/message.h"

namespace edgeseal::agent {

/// A route with the keys that its batches are sealed with.
struct RouteSetup {
  config::RouteOptions options;
  crypto::KeySet keys;
};

[[nodiscard]] std::vector<config::RouteOptions> options_of(const std::vector<RouteSetup>& routes);

/// `stage` adds to a change what is new; `apply` says that this change is durable, `unstage` that it is given up.
/// Between the two nothing may be added.
/// Ownership: borrows spool and sealer, which outlive it. Threads: one at a time.
class Lane {
 public:
  Lane(RouteSetup setup, storage::Spool& spool, Sealer& sealer);

  /// Reads where the route's chain ends. Call before the first batch is staged.
  [[nodiscard]] Result<void> find_tip();

  /// `number`: of its arrival at the route's source.
  void add(transport::Message&& message, transport::ArrivalNumber number, MonotonicTime now);
  [[nodiscard]] const Batcher& batcher() const { return batcher_; }
  [[nodiscard]] const config::RouteOptions& route() const { return setup_.options; }

  /// New records become a journal frame; the whole batch is sealed when it is due, or with `close`. Returns whether
  /// there was anything. Kind::fault when a primitive fails.
  [[nodiscard]] Result<bool> stage(storage::SpoolChange& change, Now now, bool close);
  /// The same for what need not wait for the rest: as a batch of its own what is durable already, which ends the
  /// journal; once that has gone, up to `records_max` of the records after it.
  [[nodiscard]] Result<bool> stage_piece(storage::SpoolChange& change, Now now, std::uint64_t records_max);
  /// The oldest record becomes a drop ("spool_full"). None of the lane's records may be durable.
  void stage_loss(storage::SpoolChange& change, Now now);
  /// Adds to the report what this has made durable.
  void apply(CommitReport& report);
  /// What `stage` gave is not going to be committed. What it was made of is new again.
  void unstage();

  /// No arrival from this one on may be acknowledged: it may be of a record that is not durable. None: there is no
  /// such.
  [[nodiscard]] std::optional<transport::ArrivalNumber> waits_from() const { return waits_from_; }

 private:
  [[nodiscard]] Result<void> stage_batch(storage::SpoolChange& change, Now now, std::uint64_t records);
  [[nodiscard]] Result<void> stage_frame(storage::SpoolChange& change, Now now);
  [[nodiscard]] Result<void> name_open_batch();

  RouteSetup setup_;
  storage::Spool& spool_;
  Sealer& sealer_;
  Batcher batcher_;
  ChainTip tip_;
  OpenBatchFacts facts_;                  ///< of the open batch; valid while there is one
  std::unique_ptr<OpenJournal> journal_;  ///< of the open batch, once a frame was needed
  /// What `apply` will have changed.
  struct Staged {
    std::optional<ChainTip> closed_at{};        ///< a batch was sealed, with this digest
    std::uint64_t taken = 0;                    ///< records that leave the lane: of that batch, or lost
    std::uint64_t records = 0;                  ///< newly durable
    std::optional<storage::DropRecord> lost{};  ///< the oldest record, as a drop
    bool frame = false;                         ///< the newest of the journal
    bool opens_journal = false;                 ///< which is in no spool before
  };
  std::optional<Staged> staged_;
  std::optional<transport::ArrivalNumber> waits_from_;
};

/// One for each route, in the order of Router's indices.
using Lanes = std::vector<std::unique_ptr<Lane>>;

}  // namespace edgeseal::agent
