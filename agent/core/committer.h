// SPDX-License-Identifier: GPL-3.0-or-later
// Decides when what has arrived becomes durable, and which acknowledgements may then go.
#pragma once
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/commit_report.h"
#include "agent/core/copies.h"
#include "agent/core/expiry.h"
#include "agent/core/lane.h"
#include "agent/core/losses.h"
#include "agent/core/observer.h"
#include "agent/core/recovery.h"
#include "agent/core/redelivery.h"
#include "agent/core/router.h"
#include "agent/core/sealer.h"
#include "agent/core/upstream.h"
#include "agent/core/window.h"
#include "config/options.h"
#include "storage/spool.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// One commit covers all that came since the last: new records of an open batch become a journal frame, a batch that is
/// due is sealed whole, losses become drop records, and only then are the acknowledgements released. What does not fit
/// whole is committed lane by lane, each lane's part in a transaction of its own, in smaller batches if need be; a
/// record that no spool of this size could hold becomes a drop. What the spool still refuses is kept and tried again;
/// meanwhile nothing more is taken (see `full`).
///
/// Ownership: borrows spool, sealer, clock and observer, which outlive it. Threads: one at a time.
class Committer {
 public:
  /// Messages come from `sources` only. The clock times the next try of a commit that was refused: the refusal may have
  /// taken seconds.
  Committer(const std::vector<config::NamedSource>& sources, std::vector<RouteSetup> routes,
            config::CommitOptions options, storage::Spool& spool, Sealer& sealer, const Clock& clock,
            Observer& observer);

  /// Promotes the journals that an earlier process left, in order, and reads where the chains stand. Call once, first.
  /// What the spool refuses for now is done by `advance_to`, before anything new is taken.
  CommitReport recover(Now now);

  /// Takes a message of `source`. One that the broker repeats is not stored twice, nor is one that it sends for several
  /// filters, each copy of which is acknowledged behind the first. `acknowledged` as in Redelivery.
  /// Must not be called while `full`. Kind::fault when a primitive fails.
  [[nodiscard]] Result<void> on_message(const std::string& source, transport::ArrivalNumber number,
                                        transport::ArrivalNumber acknowledged, transport::Message message, Now now);
  /// A message that was too large to take: a loss, acknowledged once that is recorded. Must not be called while `full`.
  void on_too_large(const std::string& source, transport::ArrivalNumber number, const std::string& topic, Now now);

  /// The spool has lost something of any route. A route that has a drop with this reason to report already gets no
  /// other. Call after `recover`. Fails when the spool does.
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
  /// is filled, so that no more will come before a release. Call it when nothing more waits to be taken.
  /// Releases are of each source up to the first arrival that is neither durable, nor recorded as lost, nor wanted by
  /// no route.
  CommitReport advance_to(Now now);

  /// Commits everything at once; with `close`, open batches are sealed whole.
  CommitReport commit(Now now, bool close = false);

 private:
  struct SourceState {
    WindowEstimate window;
    transport::ArrivalNumber newest = 0;             ///< stored, unrouted or not yet committed
    transport::ArrivalNumber released = 0;           ///< handed out to be acknowledged
    std::optional<transport::ArrivalNumber> loss{};  ///< the first of a loss that no commit records yet
    std::uint64_t waiting = 0;                       ///< for an acknowledgement: QoS 1 and 2 since the last commit
    MonotonicTime last_arrival{};
    std::optional<Redelivery> redelivery{};  ///< from `recover` on
    std::optional<Copies> copies{};          ///< from `recover` on
    Upstream upstream{{}};
  };
  void note_arrival(SourceState& from, transport::ArrivalNumber number, Now now);
  void note_news(Now now);
  void note_silences(Now now);
  void lose(const RouteName& route, storage::DropReason reason, std::uint64_t records, Now now);
  void lose_of_source(const std::string& source, storage::DropReason reason, std::uint64_t records, Now now);
  [[nodiscard]] Result<void> begin_recovery(CommitReport& report);
  [[nodiscard]] Result<void> resume_recovery(CommitReport& report);
  [[nodiscard]] Result<void> commit_if_due(Now now, CommitReport& report);
  [[nodiscard]] Result<void> commit_all(Now now, bool close, CommitReport& report);
  /// What one transaction makes durable.
  struct Part {
    std::vector<Lane*> lanes;  ///< whose records it holds; none: losses and marks alone
    storage::SpoolChange change{};
    bool closed = false;     ///< it leaves no batch open
    bool by_pieces = false;  ///< of its one lane; what is left of that follows
    std::uint64_t records_max = std::numeric_limits<std::uint64_t>::max();  ///< of the next piece
  };
  [[nodiscard]] Result<void> stage(Now now, bool close, CommitReport& report);
  /// A lane that the spool gives no answer to for now is left out, and held.
  [[nodiscard]] Result<void> stage_lanes(Part& part, Now now, bool close, CommitReport& report);
  /// Puts whole batches in the place of the staged frames. It may be the open journals that fill the spool: no sink
  /// takes them away, and nothing else may be dropped.
  [[nodiscard]] Result<void> restage_closed(Part& whole, Now now, CommitReport& report);
  [[nodiscard]] Releases releases();
  [[nodiscard]] Result<void> try_staged(Now now, CommitReport& report);
  /// Each lane's part of the whole by itself, the highest priority first; then losses and marks.
  [[nodiscard]] static std::vector<Part> split(Part whole);
  /// Whether all of the part has become durable. False, and `refusal`, when the spool has no room for it now.
  [[nodiscard]] Result<bool> commit_part(Part& part, std::optional<Error>& refusal, Now now, CommitReport& report);
  /// Stages the next piece of the part's lane: a batch that the spool could hold, or a loss. False when there is none.
  [[nodiscard]] Result<bool> stage_piece(Part& part, Now now);
  /// Whether smaller batches may get what the part as it is did not.
  [[nodiscard]] bool may_be_divided(const Part& part) const;
  void apply(Part& part, std::vector<storage::DropRecord> dropped, CommitReport& report);
  /// Whether `refusal` may end by itself: then the next try is set, and told.
  [[nodiscard]] bool hold(const Error& refusal, CommitReport& report);

  std::vector<std::unique_ptr<Lane>> lanes_;
  Router router_;
  config::CommitOptions options_;
  storage::Spool& spool_;
  Sealer& sealer_;
  const Clock& clock_;
  Observer& observer_;
  Recovery recovery_;
  bool recovered_ = false;  ///< journals are promoted, and it is known where each chain ends
  Expiry expiry_;

  std::map<std::string, SourceState> sources_;
  Losses losses_;
  bool anything_new_ = false;                     ///< has arrived since the last commit
  std::optional<MonotonicTime> commit_deadline_;  ///< of the oldest message, loss or mark that waits

  std::vector<Part> staged_;  ///< complete, and perhaps refused before; empty while more is gathered
  bool unread_ = false;       ///< the spool did not tell a lane what its batch must say: that is not staged yet
  MonotonicTime next_try_;    ///< of what was refused
};

}  // namespace edgeseal::agent
