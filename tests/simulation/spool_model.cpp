// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/spool_model.h"

#include <algorithm>
#include <numeric>

#include "storage/bounds.h"

namespace edgeseal::test {

std::uint64_t SpoolModel::bytes_of(const Journal& journal) {
  return std::accumulate(journal.frames.begin(), journal.frames.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Bytes& frame) { return sum + frame.size(); });
}

std::uint64_t SpoolModel::next_sequence(const std::string& route) const {
  const auto tip = tips_.find(route);
  return tip == tips_.end() ? 1 : tip->second.sequence.number + 1;
}

bool SpoolModel::make_room(const storage::SpoolChange& change) {
  storage::Room room;
  for (const Held& held : batches_) room.droppable += held.batch.object.size();
  room.held = room.droppable;
  for (const auto& [place, journal] : journals_) room.held += bytes_of(journal);
  for (const auto& frame : change.frames) room.added += frame.bytes.size();
  for (const auto& batch : change.batches) {
    if (!batch.sinks.empty()) room.added += batch.object.size();
    const auto journal = journals_.find({batch.route.text, batch.sequence.number});
    if (journal != journals_.end()) room.ended += bytes_of(journal->second);
  }
  const storage::Decision decision = storage::decide(options_, room);
  if (decision.verdict == storage::Verdict::refuse) return false;
  for (std::uint64_t freed = 0; freed < decision.bytes_to_drop;) {
    const auto lowest = std::min_element(batches_.begin(), batches_.end(), [](const Held& one, const Held& other) {
      return one.batch.priority < other.batch.priority;
    });
    freed += lowest->batch.object.size();
    drops_.emplace_back(lowest->batch.route.text, lowest->batch.sequence.number, lowest->batch.records, "spool_full");
    drops_.insert(drops_.end(), lowest->reported.begin(), lowest->reported.end());
    batches_.erase(lowest);
  }
  return true;
}

void SpoolModel::add(const storage::SealedBatch& batch, const std::vector<SpoolState::Drop>& reportable) {
  journals_.erase({batch.route.text, batch.sequence.number});
  tips_[batch.route.text] = {batch.sequence, batch.digest};
  if (batch.sinks.empty()) {
    drops_.emplace_back(batch.route.text, batch.sequence.number, batch.records, "no_sink");
    return;
  }
  Held held{.batch = batch, .deliveries = {}, .reported = {}};
  for (const SinkName& sink : batch.sinks) held.deliveries[sink.text] = {};
  // The story reports all of a route's drops or none.
  if (!batch.drops_reported.empty()) {
    for (const SpoolState::Drop& drop : reportable) {
      if (std::get<0>(drop) != batch.route.text) continue;
      held.reported.push_back(drop);
      drops_.erase(std::find(drops_.begin(), drops_.end(), drop));
    }
  }
  batches_.push_back(std::move(held));
}

bool SpoolModel::commit(const storage::SpoolChange& change) {
  const std::vector<SpoolState::Drop> known = drops_;  // what makes room now, no batch of this change can report
  if (!make_room(change)) return false;
  for (const auto& start : change.journals) {
    journals_[{start.route.text, start.sequence.number}] = {start.batch, {}};
  }
  for (const auto& frame : change.frames) {
    for (auto& [place, journal] : journals_) {
      if (journal.id == frame.batch) journal.frames.push_back(frame.bytes);
    }
  }
  for (const auto& batch : change.batches) add(batch, known);
  for (const auto& drop : change.drops) {
    drops_.emplace_back(drop.route.text, drop.sequence.number, drop.records, drop.reason);
  }
  return true;
}

void SpoolModel::settle(std::size_t index) {
  const auto& deliveries = batches_[index].deliveries;
  const bool settled = std::all_of(deliveries.begin(), deliveries.end(), [](const auto& delivery) {
    return delivery.second.state == Delivery::State::confirmed;
  });
  if (settled) batches_.erase(batches_.begin() + static_cast<std::ptrdiff_t>(index));
}

void SpoolModel::confirm(const Place& place, const std::string& sink) {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    if (Place(batches_[i].batch.route.text, batches_[i].batch.sequence.number) != place) continue;
    batches_[i].deliveries.at(sink).state = Delivery::State::confirmed;
    return settle(i);
  }
}

void SpoolModel::record_attempt(const Place& place, const std::string& sink) {
  for (Held& held : batches_) {
    if (Place(held.batch.route.text, held.batch.sequence.number) == place) ++held.deliveries.at(sink).attempts;
  }
}

void SpoolModel::quarantine(const Place& place, const std::string& sink) {
  for (Held& held : batches_) {
    if (Place(held.batch.route.text, held.batch.sequence.number) == place) {
      held.deliveries.at(sink).state = Delivery::State::quarantined;
    }
  }
}

SpoolState SpoolModel::state() const {
  SpoolState state;
  state.tips = tips_;
  state.drops = drops_;
  sum_up(state.drops);
  state.subscriptions = subscriptions_;
  state.batches_held = batches_.size();
  for (const Held& held : batches_) {
    state.bytes_held += held.batch.object.size();
    std::map<std::string, std::uint32_t> waiting;
    for (const auto& [sink, delivery] : held.deliveries) {
      if (delivery.state == Delivery::State::pending) waiting[sink] = delivery.attempts;
    }
    if (waiting.empty()) continue;
    state.batches[{held.batch.route.text, held.batch.sequence.number}] = {held.batch.kind, held.batch.digest,
                                                                          held.batch.object, std::move(waiting)};
  }
  for (const auto& [place, journal] : journals_) {
    state.bytes_held += bytes_of(journal);
    state.frames[place] = journal.frames;
  }
  return state;
}

}  // namespace edgeseal::test
