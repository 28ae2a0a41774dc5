// SPDX-License-Identifier: GPL-3.0-or-later
// Decides when what has arrived becomes durable, and which acknowledgements may then go.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/commit_report.h"
#include "agent/core/expiry.h"
#include "agent/core/hold.h"
#include "agent/core/lane.h"
#include "agent/core/losses.h"
#include "agent/core/observer.h"
#include "agent/core/recovery.h"
#include "agent/core/router.h"
#include "agent/core/sealer.h"
#include "agent/core/sources.h"
#include "agent/core/staged_commit.h"
#include "config/options.h"
#include "storage/spool.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// One commit covers all that came since the last: new records of an open batch become a journal frame, a batch that is
/// due is sealed whole, losses become drop records, and only then are the acknowledgements released. How that gets into
/// a spool with little room is StagedCommit's business. What the spool refuses for now is kept and tried again.
///
/// At any time it is in one of three states, and takes messages in the second alone (see `full`):
///
///   recovering  journals of an earlier process are not all promoted, or it is not known where each chain ends
///   gathering   what comes is added to open batches, until a commit is due
///   staged      a commit is ready that the spool has not taken whole
///
/// Ownership: borrows spool, sealer, clock and observer, which outlive it. Threads: one at a time.
class Committer {
 public:
  /// Reads what is known of the sources, from which alone messages come, and the journals that an earlier process left.
  /// The first `advance_to` promotes them. The clock times the next try of a commit that was refused: the refusal may
  /// have taken seconds. Fails as the spool does, or with Kind::fault when a primitive fails.
  [[nodiscard]] static Result<std::unique_ptr<Committer>> create(const std::vector<config::NamedSource>& sources,
                                                                 std::vector<RouteSetup> routes,
                                                                 config::CommitOptions options, storage::Spool& spool,
                                                                 Sealer& sealer, const Clock& clock,
                                                                 Observer& observer);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Takes a message of `source`. One that the broker repeats is not stored twice, nor is one that it sends for several
  /// filters, each copy of which is acknowledged behind the first. `acknowledged` as in Redelivery. REQUIRES: not
  /// `full`. Kind::fault when a primitive fails.
  [[nodiscard]] Result<void> on_message(const std::string& source, transport::ArrivalNumber number,
                                        transport::ArrivalNumber acknowledged, transport::Message message, Now now);
  /// A message that was too large to take: a loss, acknowledged once that is recorded. REQUIRES: not `full`.
  void on_too_large(const std::string& source, transport::ArrivalNumber number, const std::string& topic, Now now);

  /// The spool has lost something of any route. A route that has a drop with this reason to report already gets no
  /// other. Fails when the spool does.
  [[nodiscard]] Result<void> on_spool_loss(storage::DropReason reason, Now now);

  // What happens at a source beside its arrivals. May be called at any time.

  void on_connected(const std::string& source, bool session_present, Now now);
  /// As SourceListener::on_broker_dropped: a rise is a loss of every route of the source.
  void on_broker_dropped(const std::string& source, std::uint64_t total, Now now);
  /// As SourceListener::on_subscriptions. A spool that has no room for it now keeps the longer list: the next process
  /// gives the same filters up again. Fails with Kind::fault or Kind::corrupt alone.
  [[nodiscard]] Result<void> on_subscriptions(const std::string& source, const std::vector<std::string>& all);
  /// `count` QoS 0 messages of this route, by Router::route_for, had to go, for too much waited.
  void on_qos0_dropped(std::size_t route, transport::Qos0Loss why, std::uint64_t count, Now now);
  /// For any thread.
  [[nodiscard]] const Router& router() const { return router_; }

  /// Nothing more may be taken before the next commit succeeds.
  [[nodiscard]] bool full() const;

  /// When `advance_to` has something to do.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

  /// Before `next_deadline`, nothing comes of fewer further messages than this, unless they fill a batch.
  [[nodiscard]] std::size_t arrivals_awaited() const;

  /// Commits if that is due: a message has waited for the commit interval, a batch is full or old, or a broker's window
  /// is filled, so that no more will come before a release. Call it when nothing more waits to be taken. Releases are
  /// of each source up to the first arrival that is neither durable, nor recorded as lost, nor wanted by no route.
  CommitReport advance_to(Now now);

  /// Commits everything at once; with `close`, open batches are sealed whole. Nothing while recovering.
  CommitReport commit(Now now, bool close = false);

 private:
  struct Recovering {
    Recovery recovery;
    Hold hold;
  };
  struct Gathering {
    bool anything_new = false;  ///< has arrived since the last commit
  };

  Committer(Sources sources, std::vector<RouteSetup> routes, config::CommitOptions options, storage::Spool& spool,
            Sealer& sealer, Recovering recovering, const Clock& clock, Observer& observer);
  [[nodiscard]] SourceIntake& note_arrival(const std::string& source, transport::ArrivalNumber number,
                                           bool awaits_acknowledgement, Now now);
  void note_news(Now now);
  void lose(const RouteName& route, storage::DropReason reason, std::uint64_t records, Now now);
  void lose_of_source(const std::string& source, storage::DropReason reason, std::uint64_t records, Now now);
  [[nodiscard]] Result<void> commit_if_due(Now now, CommitReport& report);
  [[nodiscard]] Result<void> commit_all(Now now, bool close, CommitReport& report);
  [[nodiscard]] Result<void> recover(Recovering& recovering, CommitReport& report);
  /// Goes from gathering to staged, or stages what was left out before.
  [[nodiscard]] Result<void> stage(Now now, bool close, CommitReport& report);

  // Set once.
  Lanes lanes_;
  Router router_;
  config::CommitOptions options_;
  storage::Spool& spool_;
  const Clock& clock_;
  Observer& observer_;

  Sources sources_;
  Expiry expiry_;
  std::variant<Recovering, Gathering, StagedCommit> state_;
  // What the next staging takes with it, gathered in any state.
  Losses losses_;
  std::optional<MonotonicTime> commit_deadline_;  ///< of the oldest message, loss or mark that waits
};

}  // namespace edgeseal::agent
