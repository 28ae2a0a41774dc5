// SPDX-License-Identifier: GPL-3.0-or-later
// One source: what has come of it, what of that was here before, and how far its acknowledgements may go.
#pragma once
#include <cstdint>
#include <optional>

#include "agent/core/copies.h"
#include "agent/core/redelivery.h"
#include "agent/core/sealer.h"
#include "agent/core/upstream.h"
#include "agent/core/window.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "storage/spool_types.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// Touches nothing but its own state. Threads: one at a time.
class SourceIntake {
 public:
  /// `recorded`: what the spool remembers of the source's broker. Kind::fault when a primitive fails.
  [[nodiscard]] static Result<SourceIntake> create(std::uint32_t receive_maximum, storage::SourceMark recorded,
                                                   Sealer& sealer);

  /// The next arrival. `awaits_acknowledgement`: it takes a place in the broker's window, as QoS 1 and 2 do.
  void on_arrival(transport::ArrivalNumber number, bool awaits_acknowledgement, Now now);

  enum class Seen {
    never,
    before,   ///< the broker sends again what is here already
    as_copy,  ///< the broker sent it for another of our filters already
  };
  /// Whether the message that has arrived as `number` was here before. `acknowledged` as in Redelivery. Kind::fault
  /// when hashing fails.
  [[nodiscard]] Result<Seen> look_at(const transport::Message& message, transport::ArrivalNumber number,
                                     transport::ArrivalNumber acknowledged);
  /// What has arrived is not stored, and not looked at.
  void pass_over() { copies_.end_run(); }
  /// The arrival `number` is a loss: not acknowledged before `on_losses_durable`.
  void on_loss(transport::ArrivalNumber number);
  void on_losses_durable() { loss_.reset(); }

  /// Whether the broker has lost the session that it should have kept.
  [[nodiscard]] bool on_connected(bool session_present);
  /// How many messages the broker has dropped since the count that is recorded (Upstream::newly_dropped).
  [[nodiscard]] std::uint64_t on_broker_dropped(std::uint64_t total) { return upstream_.newly_dropped(total); }
  /// Of the broker there is something to record that no mark says yet.
  [[nodiscard]] bool has_news() const { return upstream_.changed(); }
  /// What to record, if that is news; it is none afterwards.
  [[nodiscard]] std::optional<storage::SourceMark> take_mark();

  /// The broker will send no more before a release, as far as is known.
  [[nodiscard]] bool window_filled() const { return window_.filled_by(waiting_); }
  /// How many messages more until then; at least 1.
  [[nodiscard]] std::uint64_t missing_from_window() const { return window_.missing_from(waiting_); }
  /// A commit was due and the window not filled: if nothing has come for `silence_min`, the broker may be waiting.
  void note_silence(Duration silence_min, Now now);
  /// What has come so far is part of a commit, and what comes now waits for the next one.
  void on_commit_begun() { waiting_ = 0; }

  /// Up to where to release: before `held`, the first arrival that may be of a record that is not durable, and before
  /// the first loss that is not. Nothing if that has been released already.
  [[nodiscard]] std::optional<transport::ArrivalNumber> release(std::optional<transport::ArrivalNumber> held);

 private:
  SourceIntake(std::uint32_t receive_maximum, storage::SourceMark recorded, crypto::Fingerprinter of_redelivery,
               crypto::Fingerprinter of_copies)
      : window_(receive_maximum),
        redelivery_(std::move(of_redelivery)),
        copies_(std::move(of_copies)),
        upstream_(std::move(recorded)) {}

  WindowEstimate window_;
  Redelivery redelivery_;
  Copies copies_;
  Upstream upstream_;
  transport::ArrivalNumber newest_ = 0;           ///< stored, unrouted or not yet committed
  transport::ArrivalNumber released_ = 0;         ///< handed out to be acknowledged
  std::optional<transport::ArrivalNumber> loss_;  ///< the first of a loss that is not durable
  std::uint64_t waiting_ = 0;                     ///< for an acknowledgement, since the last commit
  MonotonicTime last_arrival_;
};

}  // namespace edgeseal::agent
