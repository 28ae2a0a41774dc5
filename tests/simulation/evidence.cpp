// SPDX-License-Identifier: GPL-3.0-or-later
// What is left at the end of a run, put together for the checker.
#include <algorithm>

#include "tests/simulation/sim_world.h"

namespace edgeseal::test {
namespace {
constexpr std::int64_t kRowsMax = 10'000;
}  // namespace

bool SimWorld::settled() const {
  if (!gateway_ || gateway_->sealing_loop().rest().until) return false;
  const bool idle =
      std::all_of(brokers_.begin(), brokers_.end(), [](const auto& broker) { return broker.second.idle(); });
  if (!idle) return false;
  const auto stats = gateway_->view().stats();
  return stats && stats->frames == 0 &&
         std::all_of(stats->sinks.begin(), stats->sinks.end(), [](const auto& sink) { return sink.pending == 0; });
}

void SimWorld::gather_evidence(std::vector<std::string>& complaints) {
  history_.settled = settled();
  for (const auto& [place, objects] : chronicle_.objects()) {
    for (const auto& [digest, bytes] : objects) {
      auto opened = owner_.open(bytes);
      if (!opened) {
        complaints.push_back(place.first + "/" + std::to_string(place.second) +
                             " does not open: " + opened.error().message());
        continue;
      }
      if (opened->digest != digest) complaints.push_back("a stored digest is not that of its object");
      history_.objects[place].push_back(std::move(*opened));
    }
  }
  for (const auto& [name, sink] : sinks_) {
    if (sink.overwritten() > 0) complaints.push_back(name + ": a retry had another content under the same name");
    for (const SimSink::Arrived& arrived : sink.arrived()) {
      const auto known = chronicle_.objects().find(arrived.place);
      const bool same = known != chronicle_.objects().end() && known->second.contains(arrived.digest) &&
                        known->second.at(arrived.digest) == arrived.bytes;
      if (!same) complaints.push_back(name + " holds an object that the spool never held");
      history_.arrived[name].emplace(arrived.place, arrived.digest);
    }
    history_.refused[name] = sink.refused();
  }
  for (const config::RouteOptions& route : options_.routes) {
    for (const SinkName& sink : route.sinks) history_.sinks[route.name.text].push_back(sink.text);
  }
  if (!gateway_) return;
  gather_held();
  for (const config::RouteOptions& route : options_.routes) {
    if (const auto tip = gateway_->spool().tip(route.name)) history_.tips[route.name.text] = *tip;
    const auto drops = gateway_->spool().unreported_drops(route.name);
    if (!drops) continue;
    for (const storage::DropRecord& drop : *drops) {
      agent::ReportedDrop& told = history_.unreported[route.name.text].emplace_back(
          agent::ReportedDrop{drop.sequence, drop.records, std::string(text_of(drop.reason)), drop.dropped});
      if (drop.merged) told.merged = {.last = drop.merged->last, .batches = drop.merged->batches};
    }
  }
}

/// What is quarantined, no view lists: so each row that there can be is asked for.
void SimWorld::gather_held() {
  const auto stats = gateway_->view().stats();
  if (!stats) return;
  std::uint64_t left = stats->batches;
  for (std::int64_t row = 1; left > 0 && row < kRowsMax; ++row) {
    const auto object = gateway_->view().object(row);
    if (!object || !*object) continue;
    --left;
    for (const auto& [place, objects] : chronicle_.objects()) {
      for (const auto& [digest, bytes] : objects) {
        if (bytes == **object) history_.held.emplace(place, digest);
      }
    }
  }
}

}  // namespace edgeseal::test
