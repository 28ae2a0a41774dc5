// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway is doing, counted and logged: the one listener of everything that happens.
#pragma once
#include <map>
#include <set>
#include <string>

#include "agent/core/commit_report.h"
#include "agent/core/observer.h"
#include "agent/runtime/log.h"
#include "config/options.h"
#include "crypto/base/guarded.h"
#include "crypto/base/time.h"
#include "storage/spool_types.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// Threads: any; its state is behind one lock.
class Status final : public Observer {
 public:
  /// `log` and `clock` outlive this.
  Status(const config::Options& options, Log& log, const Clock& clock);

  void on_received(const RouteName& route) override;
  void on_redelivered(const RouteName& route) override;
  void on_copy(const RouteName& route) override;
  void on_unrouted(std::string_view topic) override;
  void on_lost(const RouteName& route, storage::DropReason reason, std::uint64_t records) override;
  void on_expired(const RouteName& route, std::uint64_t batches) override;
  void on_delivered(const SinkName& sink, const storage::QueuedBatch& batch) override;
  void on_delivery_failed(const SinkName& sink, const storage::QueuedBatch& batch, const Error& why,
                          MonotonicTime next_try) override;
  void on_expiry_held(const Error& why, MonotonicTime next_try) override;
  void on_spool_refused(const SinkName& sink, const Error& why, MonotonicTime next_try) override;
  void on_quarantined(const SinkName& sink, const storage::QueuedBatch& batch, const Error& why) override;

  void on_connected(const std::string& source, std::uint64_t connection, bool session_present);
  void on_disconnected(const std::string& source, const std::string& why);
  /// A QoS 0 message had to go.
  void on_qos0_dropped(const std::string& source, transport::Qos0Loss why);
  /// A message of this many bytes came, and was skipped.
  void on_too_large(const std::string& source, std::uint64_t bytes);
  /// What the broker grants less than was asked: a line for each that is new or mended, and a field as long as it
  /// lasts.
  void on_shortfalls(const std::string& source, const std::vector<transport::Shortfall>& all);

  /// The one place where what commits did is counted and logged.
  void on_commit(const CommitReport& report);

  /// One line for `systemctl status`.
  [[nodiscard]] std::string summary() const;
  /// Everything, as `edgeseal status` prints it. `stats` is what a SpoolView says at this moment; what it cannot say is
  /// null, with the reason.
  [[nodiscard]] std::string json(const SpoolId& spool_id, const Result<storage::SpoolStats>& stats) const;

 private:
  struct SourceState {
    bool connected = false;
    std::uint64_t connection = 0;
    std::uint64_t qos0_dropped = 0;
    std::uint64_t too_large = 0;
    std::vector<transport::Shortfall> shortfalls;
    std::string last_error;
  };
  struct RouteCounts {
    std::uint64_t received = 0;
    std::uint64_t redelivered = 0;
    std::uint64_t copies = 0;
    std::uint64_t committed = 0;
    std::uint64_t batches_sealed = 0;
    std::map<std::string, std::uint64_t> lost;  ///< records, by reason; 0: how many is not known
  };
  struct SinkState {
    enum class Link { idle, up, waiting, paused };
    Link link = Link::idle;
    std::uint64_t batches_delivered = 0;
    std::uint64_t bytes_delivered = 0;
    std::uint64_t failures_in_a_row = 0;
    std::string last_spool_error;
    std::string last_error;
    WallTime last_delivery;
    MonotonicTime next_try;
  };
  struct State {
    std::map<std::string, SourceState> sources;
    std::map<RouteName, RouteCounts> routes;
    std::map<SinkName, SinkState> sinks;
    std::uint64_t unrouted = 0;
    std::uint64_t held_commits = 0;
    std::string last_hold;
    std::string last_expiry_hold;
  };
  void on_batch_sealed(const storage::SealedBatch& batch);
  void on_commit_held(const HeldCommit& held);
  [[nodiscard]] static std::string_view link_name(SinkState::Link link);

  const std::string gateway_;
  const WallTime started_;
  Log& log_;
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace edgeseal::agent
