// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/filter_checks.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>

#include "config/diagnostics.h"
#include "transport/mqtt/topic_filter.h"
#include "transport/mqtt/topic_filter_set.h"

namespace edgeseal::config {
namespace {

/// The filters of one source.
struct SourceFilters {
  transport::TopicFilterSet earlier{};       ///< with the first route that has them
  transport::TopicFilterSet subscribed{};    ///< with their place in `places`
  std::unordered_set<std::string> needed{};  ///< of which none covers another
  struct Place {
    const RouteOptions* route;
    std::size_t topic;
  };
  std::vector<Place> places{};
};

/// A message goes to the first route that fits, so a later one whose filters are all covered never gets any.
void remark_unreachable(const std::vector<RouteOptions>& routes, std::size_t at, SourceFilters& filters,
                        std::vector<FilterRemark>& remarks) {
  const RouteOptions& route = routes[at];
  std::set<std::string> before;
  const bool unreachable = !route.topics.empty() && std::ranges::all_of(route.topics, [&](const std::string& topic) {
    const std::vector<std::size_t> covering = filters.earlier.covering(topic);
    if (covering.empty()) return false;
    before.insert(routes[*std::ranges::min_element(covering)].name.text);
    return true;
  });
  for (const std::string& topic : route.topics) filters.earlier.insert(topic, at);
  if (!unreachable) return;
  const std::vector<std::string> names(before.begin(), before.end());
  remarks.push_back({.route = at,
                     .topic = {},
                     .what = "never gets a message: every topic goes to " + either(names) + ", which stands before it",
                     .fix = "move the narrower route to the front"});
}

/// MQTT 5.0 section 3.3.4 leaves it to the broker whether a message that fits several subscriptions comes once.
void remark_overlaps(const std::vector<RouteOptions>& routes, std::size_t at, SourceFilters& filters,
                     std::vector<FilterRemark>& remarks) {
  for (std::size_t i = 0; i < routes[at].topics.size(); ++i) {
    const std::string& topic = routes[at].topics[i];
    if (filters.needed.erase(topic) == 0) continue;
    if (const auto other = filters.subscribed.overlapping(topic)) {
      const SourceFilters::Place& place = filters.places[*other];
      remarks.push_back(
          {.route = at,
           .topic = i,
           .what = in_quotes(topic) + " overlaps " + in_quotes(place.route->topics[place.topic]) + " of route " +
                   place.route->name.text +
                   ": a broker may send a message that fits both twice; with MQTT 5 the copy is dropped if "
                   "both have the same qos, with 3.1.1 it is sealed too",
           .fix = "write filters without a topic in common, or one that covers both"});
    }
    filters.subscribed.insert(topic, filters.places.size());
    filters.places.push_back({&routes[at], i});
  }
}

}  // namespace

std::vector<FilterRemark> filter_remarks(const std::vector<RouteOptions>& routes) {
  std::map<std::string, std::vector<transport::Subscription>> wanted;
  for (const RouteOptions& route : routes) {
    for (const std::string& topic : route.topics) wanted[route.source].push_back({topic, route.qos});
  }
  std::map<std::string, SourceFilters> sources;
  for (const auto& [source, subscriptions] : wanted) {
    for (const transport::Subscription& kept : transport::minimal_cover(subscriptions))
      sources[source].needed.insert(kept.filter);
  }
  std::vector<FilterRemark> remarks;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    SourceFilters& filters = sources[routes[i].source];
    remark_unreachable(routes, i, filters, remarks);
    remark_overlaps(routes, i, filters, remarks);
  }
  return remarks;
}

}  // namespace edgeseal::config
