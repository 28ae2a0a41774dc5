// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/mqtt/topic_filter_set.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/transport/mqtt/level_texts.h"
#include "transport/mqtt/topic_filter.h"

namespace edgeseal::transport {
namespace {

std::vector<std::string> filters() {
  std::vector<std::string> filters = all_of({"", "a", "$s", "+", "#"}, 3);
  std::erase_if(filters, [](const std::string& filter) { return topic_filter_form(filter).has_value(); });
  filters.insert(filters.end(), {"$share/g/a", "$share/h/a", "$share/g/#"});
  return filters;
}

TEST(TopicFilterSet, FindsAllThatCoverAndNoOthers) {
  const std::vector<std::string> all = filters();
  TopicFilterSet set;
  for (std::size_t i = 0; i < all.size(); ++i) set.insert(all[i], i);
  for (const std::string& filter : all) {
    std::vector<bool> found(all.size());
    for (const std::size_t id : set.covering(filter)) {
      EXPECT_TRUE(filter_covers(all[id], filter)) << all[id] << " over " << filter;
      found[id] = true;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!filter_covers(all[i], filter)) continue;
      // Of those that match the same, the first alone is in the set.
      const bool twin = std::ranges::any_of(
          all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i),
          [&](const std::string& other) { return filter_covers(other, all[i]) && filter_covers(all[i], other); });
      EXPECT_NE(found[i], twin) << all[i] << " over " << filter;
    }
  }
}

TEST(TopicFilterSet, OverlapIsATopicThatBothMatch) {
  const std::vector<std::string> topics = all_of({"", "a", "$s", "z", "$z"}, 4);
  for (const std::string& one : filters()) {
    for (const std::string& other : filters()) {
      if (one.starts_with("$share") || other.starts_with("$share")) continue;
      TopicFilterSet set;
      set.insert(one, 7);
      const bool both = std::ranges::any_of(
          topics, [&](const std::string& topic) { return filter_matches(one, topic) && filter_matches(other, topic); });
      ASSERT_EQ(set.overlapping(other).has_value(), both) << one << " and " << other;
    }
  }
}

// However many there are, one question takes a bounded number of steps.
TEST(TopicFilterSet, WorkGrowsWithTheNumberOfFilters) {
  const auto steps = [](std::size_t count) {
    TopicFilterSet set;
    for (std::size_t i = 0; i < count; ++i) {
      std::string filter;  // the worst: wildcards in every pattern of places
      for (std::size_t bit = 0; bit < 16; ++bit) filter += (i >> bit & 1) != 0 ? "+/" : "a/";
      if (i % 8 == 0) {
        (void)set.covering(filter + "b");
        (void)set.overlapping(filter + "b");
      }
      set.insert(filter + "c", i);
    }
    return set.steps();
  };
  constexpr std::size_t kQuestions = 2 * 16'000 / 8;
  EXPECT_LE(steps(16'000), kQuestions * 5000);
  const std::vector<Subscription> many = [] {
    std::vector<Subscription> made;
    for (int i = 0; i < 100'000; ++i) made.push_back({"plant/" + std::to_string(i) + "/#", 1});
    return made;
  }();
  EXPECT_EQ(minimal_cover(many).size(), many.size());
}

TEST(TopicFilterSet, AFilterOfVeryManyLevelsIsFoundByItsEqual) {
  std::string deep;
  for (int i = 0; i < 30'000; ++i) deep += "a/";
  TopicFilterSet set;
  set.insert(deep, 1);
  EXPECT_THAT(set.covering(deep), ::testing::ElementsAre(1U));
  EXPECT_THAT(set.covering(deep + "a"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace edgeseal::transport
