// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/router.h"

#include <gmock/gmock.h>

namespace edgeseal::agent {
namespace {

using ::testing::ElementsAre;

config::RouteOptions route(const std::string& source, std::vector<std::string> topics, std::uint8_t qos = 1) {
  config::RouteOptions options;
  options.source = source;
  options.topics = std::move(topics);
  options.qos = qos;
  return options;
}

TEST(Router, TakesTheFirstRouteInFileOrderWhoseFilterMatches) {
  const Router router({route("a", {"plant/+/alarm", "plant/fire"}), route("b", {"#"}), route("a", {"plant/#"})});
  EXPECT_EQ(router.route_for("a", "plant/7/alarm"), 0U);
  EXPECT_EQ(router.route_for("a", "plant/fire"), 0U);
  EXPECT_EQ(router.route_for("a", "plant/7/telemetry"), 2U);
  EXPECT_EQ(router.route_for("b", "plant/7/alarm"), 1U) << "a route belongs to one source";
  EXPECT_EQ(router.route_for("a", "home/1"), std::nullopt);
}

// Filters without wildcards are kept apart from the others; the order of the file holds between them all the same.
TEST(Router, KeepsToTheOrderOfTheFileBetweenExactFiltersAndWildcards) {
  const Router router({route("a", {"plant/7/alarm"}), route("a", {"plant/+/alarm", "plant/8/fire"}),
                       route("a", {"plant/8/alarm", "plant/7/alarm", "plant/8/fire", "$share/g/home/1", "$SYS/x"})});
  EXPECT_EQ(router.route_for("a", "plant/7/alarm"), 0U);
  EXPECT_EQ(router.route_for("a", "plant/8/alarm"), 1U);
  EXPECT_EQ(router.route_for("a", "plant/8/fire"), 1U);
  EXPECT_EQ(router.route_for("a", "home/1"), 2U);
  EXPECT_EQ(router.route_for("a", "$SYS/x"), 2U);
  EXPECT_EQ(router.route_for("a", "plant/8"), std::nullopt);
}

TEST(Router, SubscribesToNothingTwice) {
  const Router router({route("a", {"plant/+/alarm"}, 2), route("a", {"plant/#"}, 1), route("b", {"x"}, 0)});
  EXPECT_THAT(router.subscriptions("a"), ElementsAre(transport::Subscription{"plant/#", 2}));
  EXPECT_THAT(router.subscriptions("b"), ElementsAre(transport::Subscription{"x", 0}));
}

}  // namespace
}  // namespace edgeseal::agent
