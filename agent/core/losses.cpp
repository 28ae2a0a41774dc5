// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/losses.h"

#include <algorithm>

namespace edgeseal::agent {

void Losses::add(const RouteName& route, storage::DropReason reason, std::uint64_t records, WallTime now) {
  const auto [entry, first] = lost_.try_emplace({route, reason});
  storage::DropRecord& lost = entry->second;
  lost.route = route;
  lost.reason = reason;
  lost.records += std::min(storage::kCountMax - lost.records, records);
  if (first) lost.dropped = now;
}

std::vector<storage::DropRecord> Losses::take() {
  std::vector<storage::DropRecord> taken;
  for (auto& [key, lost] : lost_) taken.push_back(std::move(lost));
  lost_.clear();
  return taken;
}

}  // namespace edgeseal::agent
