// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/router.h"

#include <utility>

#include "transport/mqtt/topic_filter.h"

namespace edgeseal::agent {

Router::Router(std::vector<config::RouteOptions> routes) : routes_(std::move(routes)) {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    Filters& filters = by_source_[routes_[i].source];
    for (const std::string& filter : routes_[i].topics) {
      if (filter.find_first_of("+#$") == std::string::npos) {  // $: a shared subscription has its filter behind a name
        filters.exact.emplace(filter, i);
      } else {
        filters.wildcards.push_back({filter, i});
      }
    }
  }
}

std::optional<std::size_t> Router::route_for(std::string_view source, std::string_view topic) const {
  const auto filters = by_source_.find(source);
  if (filters == by_source_.end()) return std::nullopt;
  std::optional<std::size_t> first;
  if (const auto exact = filters->second.exact.find(topic); exact != filters->second.exact.end()) {
    first = exact->second;
  }
  for (const Wildcard& wildcard : filters->second.wildcards) {
    if (first && wildcard.route >= *first) break;
    if (transport::filter_matches(wildcard.filter, topic)) return wildcard.route;
  }
  return first;
}

std::vector<transport::Subscription> Router::subscriptions(std::string_view source) const {
  std::vector<transport::Subscription> wanted;
  for (const config::RouteOptions& route : routes_) {
    if (route.source != source) continue;
    for (const std::string& filter : route.topics) wanted.push_back({filter, route.qos});
  }
  return transport::minimal_cover(wanted);
}

}  // namespace edgeseal::agent
