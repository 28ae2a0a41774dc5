// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/mqtt/topic_filter.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/unit/transport/mqtt/level_texts.h"

namespace edgeseal::transport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct MatchRow {
  const char* filter;
  const char* topic;
  bool matches;
};

// The examples of MQTT 5.0 section 4.7, and the corners between them.
TEST(TopicFilter, MatchesAsTheStandardsExamples) {
  const std::vector<MatchRow> rows{
      {"sport/tennis/player1/#", "sport/tennis/player1", true},
      {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
      {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
      {"sport/#", "sport", true},
      {"#", "anything/at/all", true},
      {"sport/tennis/+", "sport/tennis/player1", true},
      {"sport/tennis/+", "sport/tennis/player1/ranking", false},
      {"sport/+", "sport", false},
      {"sport/+", "sport/", true},
      {"+/+", "/finance", true},
      {"/+", "/finance", true},
      {"+", "/finance", false},
      {"+", "finance", true},
      {"#", "$SYS/broker", false},
      {"+/monitor/Clients", "$SYS/monitor/Clients", false},
      {"$SYS/#", "$SYS/broker", true},
      {"$SYS/#", "$SYS", true},
      {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
      {"a/+", "a/$b", true},
      {"a/#", "a/$b", true},
      {"ACCOUNTS", "Accounts", false},
      {"/finance", "finance", false},
      {"a/b", "a", false},
      {"a", "a/b", false},
      {"a/b/#", "a", false},
      {"+/#", "a", true},
      {"$share/group/plant/+", "plant/7", true},
      {"$share/group/plant/+", "$share/group/plant/7", false},
  };
  for (const MatchRow& row : rows) {
    EXPECT_EQ(filter_matches(row.filter, row.topic), row.matches) << row.filter << " and " << row.topic;
  }
}

TEST(TopicFilter, IsValidOnlyWithWildcardsThatAreWholeLevels) {
  for (const char* filter : {"a", "/", "#", "+", "+/+", "a/#", "/#", "a//b", " ", "$SYS/#", "$share/group/a/#"}) {
    EXPECT_FALSE(topic_filter_form(filter)) << filter;
  }
  for (const char* filter : {"", "a#", "a/#/b", "#/", "a+", "+a/b", "a/b+/c", "##", "$share/group", "$share/group/",
                             "$share//a", "$share/g+/a", "$share/group/a#"}) {
    EXPECT_TRUE(topic_filter_form(filter)) << filter;
  }
  EXPECT_TRUE(topic_filter_form(std::string("a\0b", 3)));
  EXPECT_FALSE(topic_filter_form(std::string(65535, 'a')));
  EXPECT_TRUE(topic_filter_form(std::string(65536, 'a')));
}

// --- against brute force
// ------------------------------------------------------------------------------------------------

std::vector<std::string> levels_of(const std::string& text) {
  std::vector<std::string> levels{""};
  for (const char c : text) {
    if (c == '/') {
      levels.emplace_back();
    } else {
      levels.back().push_back(c);
    }
  }
  return levels;
}

/// Section 4.7 once more, as a recursion over levels.
bool brute_force_matches(const std::string& filter, const std::string& topic) {
  const auto wanted = levels_of(filter);
  const auto given = levels_of(topic);
  const std::function<bool(std::size_t, std::size_t)> from = [&](std::size_t i, std::size_t j) {
    if (i == wanted.size()) return j == given.size();
    if (wanted[i] == "#") return true;
    if (j == given.size()) return false;
    return (wanted[i] == "+" || wanted[i] == given[j]) && from(i + 1, j + 1);
  };
  const bool wild = wanted[0] == "+" || wanted[0] == "#";
  return !(wild && !given[0].empty() && given[0][0] == '$') && from(0, 0);
}

class TopicFilterProperty : public testing::Test {
 protected:
  TopicFilterProperty() {
    std::erase_if(filters, [](const std::string& filter) { return topic_filter_form(filter).has_value(); });
  }
  // "z" and "$z" stand in no filter, and topics are longer than filters: what would tell two filters apart exists.
  std::vector<std::string> topics = all_of({"", "a", "$s", "z", "$z"}, 4);
  std::vector<std::string> filters = all_of({"", "a", "$s", "+", "#"}, 3);
};

TEST_F(TopicFilterProperty, MatchesWhatBruteForceMatches) {
  for (const std::string& filter : filters) {
    for (const std::string& topic : topics) {
      ASSERT_EQ(filter_matches(filter, topic), brute_force_matches(filter, topic)) << filter << " and " << topic;
    }
  }
}

TEST_F(TopicFilterProperty, CoversExactlyWhenNoTopicOfTheOtherIsMissed) {
  std::vector<std::vector<bool>> matched;
  for (const std::string& filter : filters) {
    auto& row = matched.emplace_back();
    for (const std::string& topic : topics) row.push_back(brute_force_matches(filter, topic));
  }
  for (std::size_t a = 0; a < filters.size(); ++a) {
    for (std::size_t b = 0; b < filters.size(); ++b) {
      bool covers = true;
      for (std::size_t t = 0; t < topics.size(); ++t) covers = covers && (matched[a][t] || !matched[b][t]);
      ASSERT_EQ(filter_covers(filters[a], filters[b]), covers) << filters[a] << " over " << filters[b];
    }
  }
}

TEST_F(TopicFilterProperty, MinimalCoverMatchesAllOfItAndCoversNothingTwice) {
  for (std::size_t a = 0; a + 7 < filters.size(); a += 3) {
    const std::vector<Subscription> all{{filters[a], 0}, {filters[a + 3], 2}, {filters[a + 7], 1}, {filters[a], 1}};
    const auto cover = minimal_cover(all);
    for (const Subscription& each : all) {
      EXPECT_TRUE(std::ranges::any_of(cover, [&](const Subscription& kept) {
        return filter_covers(kept.filter, each.filter) && kept.qos >= each.qos;
      })) << each.filter;
    }
    for (const Subscription& one : cover) {
      for (const Subscription& other : cover) {
        EXPECT_TRUE(one == other || !filter_covers(one.filter, other.filter)) << one.filter << " " << other.filter;
      }
    }
  }
}

// ------------------------------------------------------------------------------------------------------------------------

TEST(MinimalCover, LeavesOutWhatAnotherFilterCoversAndKeepsTheHighestQos) {
  EXPECT_THAT(minimal_cover({{"plant/7/telemetry", 2}, {"plant/#", 1}, {"other", 0}}),
              ElementsAre(Subscription{"plant/#", 2}, Subscription{"other", 0}));
}

TEST(MinimalCover, KeepsOneOfTwoThatMatchTheSame) {
  EXPECT_THAT(minimal_cover({{"a", 0}, {"a", 1}}), ElementsAre(Subscription{"a", 1}));
  EXPECT_THAT(minimal_cover({{"+/#", 1}, {"#", 1}}), ElementsAre(Subscription{"+/#", 1}));
}

TEST(MinimalCover, KeepsASharedSubscriptionBesideTheSameFilterUnshared) {
  EXPECT_THAT(minimal_cover({{"$share/g/a", 1}, {"a", 1}, {"#", 1}}),
              ElementsAre(Subscription{"$share/g/a", 1}, Subscription{"#", 1}));
}

TEST(MinimalCover, OfNothingIsNothing) { EXPECT_THAT(minimal_cover({}), IsEmpty()); }

}  // namespace
}  // namespace edgeseal::transport
