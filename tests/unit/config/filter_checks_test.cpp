// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/filter_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgeseal::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RouteOptions route(std::string name, std::vector<std::string> topics, std::string source = "source") {
  RouteOptions options;
  options.name = {std::move(name)};
  options.source = std::move(source);
  options.topics = std::move(topics);
  return options;
}

std::vector<std::string> remarks(const std::vector<RouteOptions>& routes) {
  std::vector<std::string> texts;
  for (const FilterRemark& remark : filter_remarks(routes)) texts.push_back(remark.what);
  return texts;
}

TEST(FilterChecks, AnOverlapNamesBothFilters) {
  EXPECT_THAT(remarks({route("a", {"plant/+/t"}), route("b", {"x", "plant/7/#"})}),
              ElementsAre(HasSubstr("\"plant/7/#\" overlaps \"plant/+/t\" of route a")));
  EXPECT_THAT(remarks({route("a", {"+/b", "a/+"})}), ElementsAre(HasSubstr("\"a/+\" overlaps \"+/b\" of route a")));
}

// What another covers is not subscribed to, so it brings nothing twice.
TEST(FilterChecks, FiltersWithoutACommonTopicOrWithinEachOtherAreFine) {
  EXPECT_THAT(remarks({route("a", {"plant/7/t"}), route("b", {"plant/#"})}), IsEmpty());
  EXPECT_THAT(remarks({route("a", {"a/+", "b/+"}), route("b", {"c", "$SYS/#", "+/x/y"})}), IsEmpty());
  EXPECT_THAT(remarks({route("a", {"+/b"}), route("b", {"a/+"}, "other")}), IsEmpty());
}

TEST(FilterChecks, ARouteBehindABroaderOneNeverGetsAMessage) {
  const auto found = filter_remarks({route("all", {"#"}), route("rest", {"a/+", "b"})});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].route, 1U);
  EXPECT_THAT(found[0].what, HasSubstr("goes to all"));
}

}  // namespace
}  // namespace edgeseal::config
