// SPDX-License-Identifier: GPL-3.0-or-later
// What is written down of a run: events in words, each object that was durable, and marks of what was reached.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/core/commit_report.h"
#include "agent/core/observer.h"
#include "storage/spool_view.h"
#include "tests/simulation/sim_clock.h"
#include "tests/simulation/spool_state.h"

namespace edgeseal::test {

/// Sealing draws its keys, ids and seeds from the kernel and not from the seed, so no ciphertext, digest or id is
/// written down: only times, places, numbers of records, and what became of them.
class Chronicle final : public agent::Observer {
 public:
  explicit Chronicle(const SimClock& clock) : clock_(clock) {}

  /// One line with the simulated time.
  void note(const std::string& what);
  /// As note(), and one more of what some seed must reach. `mark` is the first part of the line.
  void mark(const std::string& mark, const std::string& details = {});
  /// Every batch that waits for one of `sinks`: it is durable, though the process that sealed it may not have lived to
  /// tell.
  void look_at(const storage::SpoolView& view, const std::vector<SinkName>& sinks);

  void on_commit(const agent::CommitReport& report);
  void on_unrouted(std::string_view topic) override;
  void on_redelivered(const RouteName& route) override;
  void on_delivered(const SinkName& sink, const storage::QueuedBatch& batch) override;
  void on_delivery_failed(const SinkName& sink, const storage::QueuedBatch& batch, const Error& why,
                          MonotonicTime next_try) override;
  void on_quarantined(const SinkName& sink, const storage::QueuedBatch& batch, const Error& why) override;

  [[nodiscard]] const std::map<Place, std::map<Digest, Bytes>>& objects() const { return objects_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& marks() const { return marks_; }

 private:
  void on_batch_sealed(const storage::SealedBatch& batch);

  const SimClock& clock_;
  std::string text_;
  std::map<std::string, std::uint64_t> marks_;
  std::map<Place, std::map<Digest, Bytes>> objects_;
};

}  // namespace edgeseal::test
