// SPDX-License-Identifier: GPL-3.0-or-later
// Makes what find_rows found fit together again: ends of chains, places of journals, sinks of batches. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "storage/salvage/found_rows.h"

namespace edgeseal::storage {

struct SalvagePlan {
  std::set<std::int64_t> superseded;   ///< journals whose batch was found closed and sound
  std::set<std::int64_t> with_frames;  ///< journals that have a sound frame
  std::map<RouteName, std::set<SinkName>> sinks_of_routes;
  std::set<SinkName> sinks;  ///< all that were seen

  /// Who gets what of the route, where its own row does not tell: those that get the rest of it, or all that are known.
  [[nodiscard]] std::vector<SinkName> sinks_for(const RouteName& route) const;
};

/// Gives every route that is named anywhere a row in `found`, whose tip is not before its newest sound batch; takes
/// superseded journals out; gives each journal its sinks, and a place at which it continues its chain: its own, unless
/// that is taken, as when a damaged row names a later tip, or the journal is one long delivered that came back.
[[nodiscard]] SalvagePlan plan_salvage(FoundRows& found);

}  // namespace edgeseal::storage
