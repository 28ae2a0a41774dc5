// SPDX-License-Identifier: GPL-3.0-or-later
// Which route takes a message, and what is subscribed for it.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/options.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// Pure. Any thread may call it.
class Router {
 public:
  explicit Router(std::vector<config::RouteOptions> routes);

  /// Index of the first route, in file order, of this source with a filter that matches; nothing if there is none.
  /// Filters without wildcards are looked up, so that a thousand of them cost what one does.
  [[nodiscard]] std::optional<std::size_t> route_for(std::string_view source, std::string_view topic) const;

  /// What to subscribe at `source`: filters that another one covers are left out, so that no message comes twice.
  [[nodiscard]] std::vector<transport::Subscription> subscriptions(std::string_view source) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Wildcard {
    std::string filter;
    std::size_t route;
  };
  /// The filters of a source, and the first route of each.
  struct Filters {
    std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> exact;
    std::vector<Wildcard> wildcards;  ///< in file order
  };
  std::vector<config::RouteOptions> routes_;
  std::map<std::string, Filters, std::less<>> by_source_;
};

}  // namespace edgeseal::agent
