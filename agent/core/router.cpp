// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/router.h"

#include <algorithm>

#include "crypto/base/topic_filter.h"

namespace edgeseal::agent {

std::optional<std::size_t> Router::route_for(std::string_view source, std::string_view topic) const {
  const auto takes = [&](const config::RouteOptions& route) {
    return route.source == source &&
           std::any_of(route.topics.begin(), route.topics.end(),
                       [&](const std::string& filter) { return filter_matches(filter, topic); });
  };
  const auto found = std::find_if(routes_.begin(), routes_.end(), takes);
  if (found == routes_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - routes_.begin());
}

std::vector<Subscription> Router::subscriptions(std::string_view source) const {
  std::vector<Subscription> wanted;
  for (const config::RouteOptions& route : routes_) {
    if (route.source != source) continue;
    for (const std::string& filter : route.topics) wanted.push_back({filter, route.qos});
  }
  return minimal_cover(wanted);
}

}  // namespace edgeseal::agent
