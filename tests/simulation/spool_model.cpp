// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/spool_model.h"

#include <algorithm>
#include <numeric>

namespace edgeseal::test {

std::uint64_t SpoolModel::bytes_of(const Journal& journal) {
  return std::accumulate(journal.frames.begin(), journal.frames.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Bytes& frame) { return sum + frame.size(); });
}

std::uint64_t SpoolModel::next_sequence(const std::string& route) const {
  const auto tip = tips_.find(route);
  return tip == tips_.end() ? 1 : tip->second.sequence.number + 1;
}

storage::Room SpoolModel::room() const {
  storage::Room room;
  for (const Held& held : batches_) room.droppable += held.batch.object.size();
  room.held = room.droppable;
  for (const auto& [place, journal] : journals_) room.held += bytes_of(journal);
  return room;
}

/// Those that grow by nothing, then by priority. In the story a route has one frame or one batch.
std::vector<std::string> SpoolModel::turns(const storage::SpoolChange& change) const {
  std::vector<std::tuple<bool, int, std::string>> ranked;
  for (const auto& frame : change.frames) {
    for (const auto& [place, journal] : journals_) {
      if (journal.id == frame.batch) ranked.emplace_back(true, -journal.priority, frame.route.text);
    }
  }
  for (const auto& batch : change.batches) {
    const auto journal = journals_.find({batch.route.text, batch.sequence.number});
    const std::uint64_t ended = journal == journals_.end() ? 0 : bytes_of(journal->second);
    const bool grows = !batch.sinks.empty() && batch.object.size() > ended;
    ranked.emplace_back(grows, -batch.priority, batch.route.text);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> routes;
  for (const auto& [grows, priority, route] : ranked) routes.push_back(route);
  return routes;
}

SpoolModel::Admission SpoolModel::admit(std::uint64_t added, std::uint64_t ended, int priority) {
  storage::Room now = room();
  now.added = added;
  now.ended = ended;
  const storage::Decision decision = storage::decide(options_, now);
  if (decision.verdict == storage::Verdict::refuse) return Admission::no_room;
  std::uint64_t may_go = 0;
  for (const Held& held : batches_) may_go += held.batch.priority <= priority ? held.batch.object.size() : 0;
  if (may_go < decision.bytes_to_drop) return Admission::dropped;
  for (std::uint64_t freed = 0; freed < decision.bytes_to_drop;) {
    const auto lowest = std::min_element(batches_.begin(), batches_.end(), [](const Held& one, const Held& other) {
      return one.batch.priority < other.batch.priority;
    });
    freed += lowest->batch.object.size();
    drops_.emplace_back(lowest->batch.route.text, lowest->batch.sequence.number, lowest->batch.records, "spool_full");
    drops_.insert(drops_.end(), lowest->reported.begin(), lowest->reported.end());
    batches_.erase(lowest);
  }
  return Admission::admitted;
}

bool SpoolModel::add(const storage::JournalFrame& frame) {
  for (auto& [place, journal] : journals_) {
    if (journal.id != frame.batch) continue;
    const Admission admission =
        journal.records_refused > 0 ? Admission::dropped : admit(frame.bytes.size(), 0, journal.priority);
    if (admission == Admission::no_room) return false;
    if (admission == Admission::admitted) journal.frames.push_back(frame.bytes);
    if (admission == Admission::dropped) journal.records_refused += frame.records;
  }
  return true;
}

bool SpoolModel::add(const storage::SealedBatch& batch, const std::vector<SpoolState::Drop>& reportable) {
  const auto journal = journals_.find({batch.route.text, batch.sequence.number});
  std::uint64_t ended = 0;
  std::uint64_t refused = 0;
  if (journal != journals_.end()) {
    ended = bytes_of(journal->second);
    refused = journal->second.records_refused;
  }
  const Admission admission = admit(batch.sinks.empty() ? 0 : batch.object.size(), ended, batch.priority);
  if (admission == Admission::no_room) return false;
  if (journal != journals_.end()) journals_.erase(journal);
  tips_[batch.route.text] = {batch.sequence, batch.digest};
  if (batch.kind == storage::BatchKind::journal && refused > 0) {
    drops_.emplace_back(batch.route.text, 0, refused, "spool_full");
  }
  if (batch.sinks.empty() || admission == Admission::dropped) {
    drops_.emplace_back(batch.route.text, batch.sequence.number, batch.records,
                        batch.sinks.empty() ? "no_sink" : "spool_full");
  } else {
    store(batch, reportable);
  }
  return true;
}

void SpoolModel::store(const storage::SealedBatch& batch, const std::vector<SpoolState::Drop>& reportable) {
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
  for (const auto& start : change.journals) {
    journals_[{start.route.text, start.sequence.number}] = {.id = start.batch, .priority = start.priority};
  }
  for (const std::string& route : turns(change)) {
    for (const auto& frame : change.frames) {
      if (frame.route.text == route && !add(frame)) return false;
    }
    for (const auto& batch : change.batches) {
      if (batch.route.text == route && !add(batch, known)) return false;
    }
  }
  for (const auto& drop : change.drops) {
    drops_.emplace_back(drop.route.text, drop.sequence.number, drop.records, text_of(drop.reason));
  }
  return true;
}

void SpoolModel::open() {
  std::erase_if(journals_, [this](const auto& entry) {
    const auto& [place, journal] = entry;
    if (!journal.frames.empty()) return false;
    if (journal.records_refused > 0) drops_.emplace_back(place.first, 0, journal.records_refused, "spool_full");
    return true;
  });
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
    std::map<std::string, std::uint64_t> waiting;
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
