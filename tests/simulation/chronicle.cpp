// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/chronicle.h"

namespace edgeseal::test {
namespace {

constexpr std::size_t kPendingMax = 100'000;

std::string place_of(const std::string& route, Sequence sequence) {
  return route + "/" + std::to_string(sequence.number);
}
std::string place_of(const storage::QueuedBatch& batch) { return place_of(batch.route.text, batch.sequence); }

}  // namespace

void Chronicle::note(const std::string& what) { text_ += std::to_string(clock_.elapsed().count()) + " " + what + "\n"; }

void Chronicle::mark(const std::string& mark, const std::string& details) {
  ++marks_[mark];
  note(details.empty() ? mark : mark + ": " + details);
}

void Chronicle::look_at(const storage::SpoolView& view, const std::vector<SinkName>& sinks) {
  for (const SinkName& sink : sinks) {
    const auto pending = view.pending_for(sink, kPendingMax);
    if (!pending) continue;
    for (const storage::QueuedBatch& batch : *pending) {
      auto& known = objects_[{batch.route.text, batch.sequence.number}];
      if (known.contains(batch.digest)) continue;
      auto object = view.object(batch.row);
      if (!object || !*object) continue;
      mark("a batch outlived the process before it was told of", place_of(batch));
      known.emplace(batch.digest, std::move(**object));
    }
  }
}

void Chronicle::on_unrouted(std::string_view topic) { mark("unrouted", std::string(topic)); }
void Chronicle::on_redelivered(const RouteName& route) { mark("redelivery recognised", route.text); }
void Chronicle::on_commit(const agent::CommitReport& report) {
  for (const storage::SealedBatch& batch : report.batches) on_batch_sealed(batch);
  for (const auto& [route, records] : report.committed) mark("committed", route.text + " " + std::to_string(records));
  for (const agent::HeldCommit& held : report.held) mark("commit held", std::string(kind_name(held.why.kind)));
}

void Chronicle::on_batch_sealed(const storage::SealedBatch& batch) {
  const bool journal = batch.kind == storage::BatchKind::journal;
  mark(journal ? "journal promoted" : "batch sealed",
       place_of(batch.route.text, batch.sequence) + " of " + std::to_string(batch.records));
  if (!batch.drops_reported.empty()) mark("drops reported", std::to_string(batch.drops_reported.size()));
  objects_[{batch.route.text, batch.sequence.number}].emplace(batch.digest, batch.object);
}

void Chronicle::on_delivered(const SinkName& sink, const storage::QueuedBatch& batch) {
  mark("delivered", place_of(batch) + " to " + sink.text);
}

void Chronicle::on_delivery_failed(const SinkName& sink, const storage::QueuedBatch& batch, const Error& why,
                                   MonotonicTime /*next_try*/) {
  mark("delivery failed", place_of(batch) + " to " + sink.text + ", " + std::string(kind_name(why.kind)));
}

void Chronicle::on_quarantined(const SinkName& sink, const storage::QueuedBatch& batch, const Error& /*why*/) {
  mark("quarantined", place_of(batch) + " for " + sink.text);
}

}  // namespace edgeseal::test
