// SPDX-License-Identifier: GPL-3.0-or-later
// Which route takes a message, and what is subscribed for it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// Pure. Any thread may call it.
class Router {
 public:
  explicit Router(std::vector<config::RouteOptions> routes) : routes_(std::move(routes)) {}

  /// Index of the first route, in file order, of this source with a filter that matches; nothing if there is none.
  [[nodiscard]] std::optional<std::size_t> route_for(std::string_view source, std::string_view topic) const;

  /// What to subscribe at `source`: filters that another one covers are left out, so that no message comes twice.
  [[nodiscard]] std::vector<Subscription> subscriptions(std::string_view source) const;

 private:
  std::vector<config::RouteOptions> routes_;
};

}  // namespace edgeseal::agent
