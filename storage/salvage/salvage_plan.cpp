// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/salvage/salvage_plan.h"

#include <algorithm>

namespace edgeseal::storage {
namespace {

void learn_routes(FoundRows& found) {
  for (const auto& [key, batch] : found.batches) {
    FoundRoute& route = found.routes[batch.head.route];
    // Of a damaged row nothing is proved, its place in the chain included.
    if (!batch.sound) continue;
    if (batch.head.sequence > route.tip.sequence) route.tip = {batch.head.sequence, batch.head.digest};
    route.newest = std::max(route.newest, batch.head.sealed);
  }
  for (const auto& [row, journal] : found.journals) found.routes.try_emplace(journal.start.route);
  for (const auto& [row, drop] : found.drops) found.routes.try_emplace(drop.drop.route);
}

void learn_sinks(const FoundRows& found, SalvagePlan& plan) {
  const auto learn = [&](const RouteName& route, const SinkName& sink) {
    plan.sinks_of_routes[route].insert(sink);
    plan.sinks.insert(sink);
  };
  for (const auto& [key, batch] : found.batches) {
    const auto deliveries = found.deliveries.find(batch.head.row);
    if (deliveries == found.deliveries.end()) continue;
    for (const auto& [sink, delivery] : deliveries->second) learn(batch.head.route, sink);
  }
  for (const auto& [row, sinks] : found.journal_sinks) {
    plan.sinks.insert(sinks.begin(), sinks.end());
    const auto journal = found.journals.find(row);
    if (journal == found.journals.end()) continue;
    for (const SinkName& sink : sinks) learn(journal->second.start.route, sink);
  }
  for (const auto& [row, deliveries] : found.deliveries) {
    for (const auto& [sink, delivery] : deliveries) plan.sinks.insert(sink);
  }
}

void drop_superseded(FoundRows& found, SalvagePlan& plan) {
  std::set<BatchId> closed;
  for (const auto& [key, batch] : found.batches) {
    if (batch.sound) closed.insert(batch.head.id);
  }
  std::set<BatchId> open;
  std::erase_if(found.journals, [&](const auto& entry) {
    const auto& [row, journal] = entry;
    if (!closed.contains(journal.start.batch)) return !open.insert(journal.start.batch).second;
    plan.superseded.insert(row);
    return true;
  });
}

void place_journals(FoundRows& found, SalvagePlan& plan) {
  for (const auto& [key, frame] : found.frames) {
    if (frame.sound && found.journals.contains(frame.journal)) plan.with_frames.insert(frame.journal);
  }
  std::map<RouteName, Sequence> ends;  // of chains, once the journals so far have been promoted
  for (auto& [row, journal] : found.journals) {
    const auto own = found.journal_sinks.find(row);
    if (own != found.journal_sinks.end()) {
      journal.start.sinks.assign(own->second.begin(), own->second.end());
    } else {
      journal.start.sinks = plan.sinks_for(journal.start.route);
    }
    FoundRoute& route = found.routes[journal.start.route];
    const auto [end, first] = ends.try_emplace(journal.start.route, route.tip.sequence);
    // A journal without frames is ended by the next start, and takes no place.
    if (!plan.with_frames.contains(row)) {
      journal.start.sequence = std::max(journal.start.sequence, end->second.next());
      continue;
    }
    // Of a chain whose end was lost the first journal tells where it stood.
    if (first && journal.start.sequence > end->second.next()) {
      end->second = {journal.start.sequence.number - 1};
      route.tip = {end->second, {}};
    }
    journal.start.sequence = end->second.next();
    end->second = journal.start.sequence;
  }
}

}  // namespace

std::vector<SinkName> SalvagePlan::sinks_for(const RouteName& route) const {
  const auto known = sinks_of_routes.find(route);
  const std::set<SinkName>& chosen = known == sinks_of_routes.end() ? sinks : known->second;
  return {chosen.begin(), chosen.end()};
}

SalvagePlan plan_salvage(FoundRows& found) {
  SalvagePlan plan;
  learn_routes(found);
  learn_sinks(found, plan);
  drop_superseded(found, plan);
  place_journals(found, plan);
  return plan;
}

}  // namespace edgeseal::storage
