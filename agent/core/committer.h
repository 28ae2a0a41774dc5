// SPDX-License-Identifier: GPL-3.0-or-later
// Decides when what has arrived becomes durable, and which acknowledgements may then go.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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

/// The newest arrival of each source that is durable, by source name: what to release.
using Releases = std::map<std::string, transport::ArrivalNumber>;

/// One commit covers all that came since the last: new records of an open batch become a journal frame, a batch that is
/// due is sealed whole, losses become drop records, and only then are the acknowledgements released. A commit that the
/// spool refuses is kept as it is and tried again; meanwhile nothing more is taken (see `full`).
///
/// Ownership: borrows spool, sealer and observer, which outlive it. Threads: one at a time.
class Committer {
 public:
  /// Messages come from `sources` only.
  Committer(const std::vector<config::NamedSource>& sources, std::vector<RouteSetup> routes,
            config::CommitOptions options, storage::Spool& spool, Sealer& sealer, Observer& observer);

  /// Promotes the journals that an earlier process left, in order, and reads where the chains stand. Call once, first.
  /// What the spool refuses for now is promoted by `advance_to`, before anything new is taken.
  [[nodiscard]] Result<void> recover(Now now);

  /// Takes a message of `source`. One that the broker repeats is not stored twice. `acknowledged` as in Redelivery.
  /// Must not be called while `full`. Kind::fault when a primitive fails.
  [[nodiscard]] Result<void> on_message(const std::string& source, transport::ArrivalNumber number,
                                        transport::ArrivalNumber acknowledged, transport::Message message, Now now);
  /// A message that was too large to take: a loss, acknowledged once that is recorded. Must not be called while `full`.
  void on_too_large(const std::string& source, transport::ArrivalNumber number, const std::string& topic, Now now);

  /// The spool has lost something of any route. A route that has a drop with this reason to report already gets no
  /// other. Call after `recover`. Fails when the spool does.
  [[nodiscard]] Result<void> on_spool_loss(std::string_view reason, Now now);

  // What happens at a source beside its arrivals. May be called at any time.

  void on_connected(const std::string& source, bool session_present, Now now);
  /// As SourceListener::on_broker_dropped: a rise is a loss of every route of the source.
  void on_broker_dropped(const std::string& source, std::uint64_t total, Now now);
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
    MonotonicTime last_arrival{};
    std::optional<Redelivery> redelivery{};  ///< from `recover` on
    Upstream upstream{{}};
  };
  void note_arrival(SourceState& from, transport::ArrivalNumber number, Now now);
  void note_news(Now now);
  void note_silences(Now now);
  void lose(const RouteName& route, std::string_view reason, std::uint64_t records, Now now);
  void lose_of_source(const std::string& source, std::string_view reason, std::uint64_t records, Now now);
  [[nodiscard]] Result<void> resume_recovery(Now now);
  [[nodiscard]] Result<void> stage(Now now, bool close);
  void stage_releases();
  [[nodiscard]] Result<Releases> try_staged(Now now);
  [[nodiscard]] Result<void> stage_lanes(Now now, bool close);
  /// Puts whole batches in the place of the staged frames.
  [[nodiscard]] Result<void> restage_closed(Now now);
  void apply_staged();
  /// Whether `refusal` may end by itself: then the next try is set, and told.
  [[nodiscard]] bool hold(const Error& refusal, Now now);

  std::vector<std::unique_ptr<Lane>> lanes_;
  Router router_;
  config::CommitOptions options_;
  storage::Spool& spool_;
  Sealer& sealer_;
  Observer& observer_;
  Recovery recovery_;
  Expiry expiry_;

  std::map<std::string, SourceState> sources_;
  Losses losses_;
  bool anything_new_ = false;                     ///< has arrived since the last commit
  std::optional<MonotonicTime> commit_deadline_;  ///< of the oldest message, loss or mark that waits

  bool staged_ = false;          ///< `change_` is complete, and perhaps was refused before
  bool staged_closed_ = false;   ///< it leaves no batch open
  storage::SpoolChange change_;  ///< staged
  Releases staged_releases_;
  MonotonicTime next_try_;  ///< of a refused commit
};

}  // namespace edgeseal::agent
