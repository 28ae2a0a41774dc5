// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/spool_state.h"

#include <algorithm>

namespace edgeseal::test {
namespace {

constexpr std::size_t kPendingMax = 100'000;
const char* const kSource = "source";

std::string text(const Place& place) { return place.first + "/" + std::to_string(place.second); }

template <typename Map>
std::string difference_of_maps(const char* what, const Map& expected, const Map& found) {
  for (const auto& [place, value] : expected) {
    const auto at = found.find(place);
    if (at == found.end()) return std::string(what) + " " + text(place) + " is missing";
    if (at->second != value) return std::string(what) + " " + text(place) + " is another";
  }
  for (const auto& [place, value] : found) {
    if (!expected.contains(place)) return std::string(what) + " " + text(place) + " was never committed";
  }
  return {};
}

}  // namespace

void sum_up(std::vector<SpoolState::Drop>& drops) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> without_sequence;
  std::vector<SpoolState::Drop> summed;
  for (const auto& [route, sequence, records, reason] : drops) {
    if (sequence == 0 && records > 0) {
      without_sequence[{route, reason}] += records;
    } else {
      summed.emplace_back(route, sequence, records, reason);
    }
  }
  for (const auto& [key, records] : without_sequence) {
    summed.emplace_back(key.first, 0, records, key.second);
  }
  std::sort(summed.begin(), summed.end());
  drops = std::move(summed);
}

Result<SpoolState> read_state(const storage::Spool& spool, const storage::SpoolView& view,
                              const std::vector<std::string>& routes, const std::vector<std::string>& sinks) {
  SpoolState state;
  for (const std::string& route : routes) {
    auto tip = spool.tip({route});
    if (!tip) return failed(tip);
    if (tip->sequence.number > 0) state.tips[route] = *tip;
    auto drops = spool.unreported_drops({route});
    if (!drops) return failed(drops);
    for (const auto& drop : *drops) {
      state.drops.emplace_back(route, drop.sequence.number, drop.records, text_of(drop.reason));
    }
  }
  sum_up(state.drops);
  for (const std::string& sink : sinks) {
    auto pending = view.pending_for({sink}, kPendingMax);
    if (!pending) return failed(pending);
    for (const storage::QueuedBatch& queued : *pending) {
      SpoolState::Batch& batch = state.batches[{queued.route.text, queued.sequence.number}];
      batch.waiting[sink] = queued.attempts;
      batch.kind = queued.kind;
      batch.digest = queued.digest;
      auto object = view.object(queued.row);
      if (!object) return failed(object);
      if (*object) batch.object = std::move(**object);
    }
  }
  auto journals = spool.leftover_journals();
  if (!journals) return failed(journals);
  for (const storage::LeftoverJournal& journal : *journals) {
    auto& frames = state.frames[{journal.start.route.text, journal.start.sequence.number}];
    for (const storage::JournalFrame& frame : journal.frames) frames.push_back(frame.bytes);
  }
  auto subscriptions = spool.subscriptions(kSource);
  if (!subscriptions) return failed(subscriptions);
  state.subscriptions = std::move(*subscriptions);
  auto stats = view.stats();
  if (!stats) return failed(stats);
  state.batches_held = stats->batches;
  state.bytes_held = stats->bytes;
  return state;
}

std::string difference(const SpoolState& expected, const SpoolState& found) {
  if (auto batches = difference_of_maps("batch", expected.batches, found.batches); !batches.empty()) return batches;
  if (auto frames = difference_of_maps("journal", expected.frames, found.frames); !frames.empty()) return frames;
  if (expected.tips != found.tips) return "a chain's tip is another";
  if (expected.drops != found.drops) return "the drops are others";
  if (expected.subscriptions != found.subscriptions) return "the subscriptions are others";
  if (expected.batches_held != found.batches_held) return "another number of batches is held";
  if (expected.bytes_held != found.bytes_held) return "another number of bytes is held";
  return {};
}

}  // namespace edgeseal::test
