// SPDX-License-Identifier: GPL-3.0-or-later
// What topic filters do together that may not be what was meant.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"

namespace edgeseal::config {

struct FilterRemark {
  std::size_t route = 0;             ///< in the order of the routes
  std::optional<std::size_t> topic;  ///< of that route; nothing: all of them
  std::string what;
  std::string fix;
};

/// Finds routes that never get a message. Finds filters of one source that have topics in common while neither covers
/// the other, so that both are subscribed to. The remarks are in the order of the routes.
/// REQUIRES: the filters are valid.
/// The time grows with the number of filters. Where thousands of filters differ in the places of their wildcards, some
/// remarks are missed (transport/mqtt/topic_filter_set.h).
[[nodiscard]] std::vector<FilterRemark> filter_remarks(const std::vector<RouteOptions>& routes);

}  // namespace edgeseal::config
