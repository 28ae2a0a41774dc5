// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/subscription_plan.h"

#include <gmock/gmock.h>

#include "transport/ingest/drop_count.h"

namespace edgeseal::transport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const Connack kKept{.session_present = true};
const std::vector<Subscription> kWanted{{"plant/#", 1}, {"other", 2}};
/// "FILTER QOS", and " ID" where it has one. Without the drop count.
std::vector<std::string> asked(const SubscriptionPlan::Packets& packets) {
  std::vector<std::string> lines;
  for (const SubscribePacket& each : packets.subscribe) {
    if (each.subscription.filter == kDropCountTopic) continue;
    lines.push_back(each.subscription.filter + " " + std::to_string(each.subscription.qos) + (each.id ? " ID" : ""));
  }
  return lines;
}

std::vector<std::string> held_less(SubscriptionPlan& plan) {
  return plan.news().value_or(std::vector<std::string>{"no news"});
}

// --- SUBSCRIBE

struct AnswerRow {
  std::uint8_t qos;
  std::uint8_t code;
  bool asked_again;
};

TEST(SubscriptionPlanTest, AsksAgainForWhatWasNotGrantedAsItWasAsked) {
  const std::vector<AnswerRow> rows{{0, 0, false}, {1, 1, false},   {2, 2, false},   {1, 2, false},   {1, 0, true},
                                    {2, 1, true},  {2, 0, true},    {0, 0x80, true}, {1, 0x87, true}, {1, 0xA2, true},
                                    {1, 3, true},  {1, 0x7F, true}, {1, 0xFF, true}};
  for (const AnswerRow& row : rows) {
    SubscriptionPlan plan(MqttVersion::v5, {{"a", row.qos}}, {});
    EXPECT_THAT(asked(plan.connected({})), ElementsAre("a " + std::to_string(row.qos)));
    plan.subscribed("a", row.code);
    EXPECT_EQ(!asked(plan.connected(kKept)).empty(), row.asked_again) << int{row.qos} << ' ' << int{row.code};
  }
}

TEST(SubscriptionPlanTest, AsksForNothingThatTheSessionHasAndForAllThatAForgottenOneHad) {
  SubscriptionPlan plan(MqttVersion::v5, kWanted, {});
  EXPECT_THAT(asked(plan.connected({})), ElementsAre("plant/# 1", "other 2"));
  plan.subscribed("plant/#", 1);
  EXPECT_THAT(asked(plan.connected(kKept)), ElementsAre("other 2"));
  plan.subscribed("other", 2);
  EXPECT_THAT(asked(plan.connected(kKept)), IsEmpty());
  EXPECT_THAT(asked(plan.connected({})), ElementsAre("plant/# 1", "other 2"));
}

TEST(SubscriptionPlanTest, AsksForAllAgainWhenAConnackWasLost) {
  SubscriptionPlan plan(MqttVersion::v5, kWanted, {});
  static_cast<void>(plan.connected({}));
  plan.subscribed("plant/#", 1);
  plan.subscribed("other", 2);
  plan.connack_lost();
  EXPECT_THAT(asked(plan.connected(kKept)), ElementsAre("plant/# 1", "other 2"));
}

TEST(SubscriptionPlanTest, AsksForNoMoreThanTheBrokerSaysThatItHas) {
  SubscriptionPlan plan(MqttVersion::v5, kWanted, {});
  EXPECT_THAT(asked(plan.connected({.qos_max = 0})), ElementsAre("plant/# 0", "other 0"));
  const auto wildcards = plan.connected({.wildcards_available = false});
  EXPECT_THAT(asked(wildcards), ElementsAre("other 2"));
  EXPECT_THAT(wildcards.withheld, ElementsAre(SubscriptionPlan::Withheld{kWanted[0], "no wildcards"}));
  SubscriptionPlan shared(MqttVersion::v5, {{"$share/g/a", 1}}, {});
  EXPECT_EQ(shared.connected({.shared_available = false}).withheld.at(0).why, "no shared subscriptions");
  SubscriptionPlan small(MqttVersion::v5, {{std::string(100, 'a'), 1}, {"b", 1}}, {});
  const auto fitting = small.connected({.packet_bytes_max = 64});
  EXPECT_THAT(asked(fitting), ElementsAre("b 1"));
  EXPECT_EQ(fitting.withheld.at(0).why, "no packets of more than 64 bytes");
}

// --- identifiers

struct OverlapRow {
  std::vector<Subscription> wanted;
  std::vector<std::string> asked;
};

TEST(SubscriptionPlanTest, GivesAnIdentifierToEachFilterThatOverlapsAnother) {
  const std::vector<OverlapRow> rows{
      {{{"a", 1}}, {"a 1"}},
      {{{"a", 1}, {"b/#", 1}}, {"a 1", "b/# 1"}},
      {{{"plant/+/t", 1}, {"plant/7/#", 1}}, {"plant/+/t 1 ID", "plant/7/# 1 ID"}},
      {{{"plant/+/t", 1}, {"plant/7/#", 0}, {"yard/#", 2}}, {"plant/+/t 1 ID", "plant/7/# 0 ID", "yard/# 2"}},
      // The last overlaps both, which have nothing in common.
      {{{"plant/7/#", 1}, {"plant/8/#", 1}, {"plant/+/t", 1}}, {"plant/7/# 1 ID", "plant/8/# 1 ID", "plant/+/t 1 ID"}},
      {{{"plant/+/t", 1}, {"plant/7/#", 1}, {"plant/8/#", 1}}, {"plant/+/t 1 ID", "plant/7/# 1 ID", "plant/8/# 1 ID"}},
      // One that covers the other is enough.
      {{{"plant/#", 1}, {"plant/7/#", 2}}, {"plant/# 2"}},
      // Of those each member gets a share.
      {{{"$share/g/plant/+/t", 1}, {"plant/7/#", 1}}, {"$share/g/plant/+/t 1", "plant/7/# 1"}},
  };
  for (const OverlapRow& row : rows) {
    SubscriptionPlan plan(MqttVersion::v5, row.wanted, {});
    EXPECT_EQ(asked(plan.connected({})), row.asked);
  }
}

TEST(SubscriptionPlanTest, GivesNoIdentifiersWhereTheBrokerTakesNone) {
  const std::vector<Subscription> wanted{{"plant/+/t", 1}, {"plant/7/#", 1}};
  SubscriptionPlan old(MqttVersion::v3_1_1, wanted, {});
  EXPECT_THAT(asked(old.connected({})), ElementsAre("plant/+/t 1", "plant/7/# 1"));
  SubscriptionPlan plain(MqttVersion::v5, wanted, {});
  EXPECT_THAT(asked(plain.connected({.subscription_ids_available = false})), ElementsAre("plant/+/t 1", "plant/7/# 1"));
}

std::vector<std::uint32_t> ids_of(const std::vector<Subscription>& wanted) {
  SubscriptionPlan plan(MqttVersion::v5, wanted, {});
  std::vector<std::uint32_t> ids;
  for (const SubscribePacket& each : plan.connected({}).subscribe) {
    if (each.id) ids.push_back(*each.id);
  }
  return ids;
}

// What one process had queued for it comes to the next.
TEST(SubscriptionPlanTest, KnowsItsIdentifiersInEveryProcessAndThoseOfNoOtherPlan) {
  const std::vector<Subscription> wanted{{"plant/+/t", 1}, {"plant/7/#", 1}};
  const auto ids = ids_of(wanted);
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_EQ(ids, ids_of({{"plant/+/t", 0}, {"plant/7/#", 2}, {"yard", 1}}));
  const SubscriptionPlan plan(MqttVersion::v5, wanted, {});
  EXPECT_TRUE(plan.knows(ids));
  EXPECT_TRUE(plan.knows({ids[1]}));
  EXPECT_FALSE(plan.knows({}));
  EXPECT_FALSE(plan.knows({ids[0], ids[1] + 1}));
  EXPECT_FALSE(plan.knows({ids[0] - 1}));
  for (const auto& other : {std::vector<Subscription>{{"plant/7/#", 1}, {"plant/+/t", 1}},
                            std::vector<Subscription>{{"plant/+/t", 1}, {"plant/8/#", 1}},
                            std::vector<Subscription>{{"plant/+/t", 1}, {"plant/7/#", 1}, {"plant/8/#", 1}}}) {
    for (const std::uint32_t id : ids_of(other)) EXPECT_FALSE(plan.knows({id}));
  }
  EXPECT_FALSE(SubscriptionPlan(MqttVersion::v5, {{"a", 1}}, {}).knows({1}));
}

TEST(SubscriptionPlanTest, HasIdentifiersWithinTheirRange) {
  for (int i = 0; i < 1000; ++i) {
    const std::string level = std::to_string(i);
    for (const std::uint32_t id : ids_of({{"+/" + level, 1}, {level + "/#", 1}})) {
      EXPECT_GE(id, 1U);
      EXPECT_LE(id, 268'435'455U);
    }
  }
}

// --- UNSUBSCRIBE

struct UnsubackRow {
  std::uint8_t code;
  bool gone;
};

// MQTT 5.0 section 3.11.3, and codes that it does not name.
TEST(SubscriptionPlanTest, RemembersAFilterUntilTheBrokerHasGivenItUp) {
  const std::vector<UnsubackRow> rows{{0x00, true},  {0x11, true},  {0x80, false}, {0x83, false},
                                      {0x87, false}, {0x8F, false}, {0x91, false}, {0xFF, false}};
  for (const UnsubackRow& row : rows) {
    SCOPED_TRACE(int{row.code});
    SubscriptionPlan plan(MqttVersion::v5, kWanted, {"old/#", "plant/#"});
    EXPECT_THAT(plan.connected(kKept).unsubscribe, ElementsAre("old/#"));
    EXPECT_EQ(plan.unsubscribed("old/#", row.code), row.gone);
    EXPECT_EQ(plan.news().has_value(), row.gone);
    const auto next = plan.connected(kKept);
    EXPECT_EQ(next.unsubscribe.empty(), row.gone);
    EXPECT_THAT(next.unanswered, IsEmpty());
  }
}

TEST(SubscriptionPlanTest, RemembersAFilterWithoutAnAnswer) {
  SubscriptionPlan plan(MqttVersion::v5, kWanted, {"old/#"});
  EXPECT_THAT(plan.connected(kKept).unanswered, IsEmpty());
  EXPECT_THAT(held_less(plan), ElementsAre("no news"));
  const auto next = plan.connected(kKept);
  EXPECT_THAT(next.unsubscribe, ElementsAre("old/#"));
  EXPECT_THAT(next.unanswered, ElementsAre("old/#"));
  EXPECT_TRUE(plan.unsubscribed("old/#", 0));
  EXPECT_THAT(held_less(plan), UnorderedElementsAre("plant/#", "other"));
  EXPECT_THAT(plan.connected(kKept).unsubscribe, IsEmpty());
}

TEST(SubscriptionPlanTest, TellsWhatIsLeftOfSeveral) {
  SubscriptionPlan plan(MqttVersion::v5, {{"plant/#", 1}}, {"old/1", "old/2"});
  EXPECT_THAT(plan.connected(kKept).unsubscribe, ElementsAre("old/1", "old/2"));
  plan.unsubscribed("old/2", 0);
  EXPECT_THAT(held_less(plan), UnorderedElementsAre("plant/#", "old/1"));
  plan.unsubscribed("old/1", 0x87);
  EXPECT_THAT(held_less(plan), ElementsAre("no news"));
}

TEST(SubscriptionPlanTest, GivesUpNothingOfASessionThatIsGone) {
  SubscriptionPlan plan(MqttVersion::v5, {{"plant/#", 1}}, {"old/#"});
  EXPECT_THAT(plan.connected({}).unsubscribe, IsEmpty());
  EXPECT_THAT(held_less(plan), ElementsAre("plant/#"));
}

// The narrow one would bring each message a second time.
TEST(SubscriptionPlanTest, GivesUpWhatAnotherFilterCoversNow) {
  SubscriptionPlan plan(MqttVersion::v5, {{"plant/7/#", 1}, {"plant/#", 1}}, {"plant/7/#"});
  EXPECT_THAT(plan.connected(kKept).unsubscribe, ElementsAre("plant/7/#"));
}

// --- the drop count

bool watches(const SubscriptionPlan::Packets& packets) {
  return std::ranges::find(packets.subscribe, SubscribePacket{{kDropCountTopic, 0}, std::nullopt, Retained::always}) !=
         packets.subscribe.end();
}

TEST(SubscriptionPlanTest, WatchesTheDropCountOnEachConnectionThatDoesNotEndInsteadOfTheAnswer) {
  SubscriptionPlan plan(MqttVersion::v5, kWanted, {});
  EXPECT_TRUE(watches(plan.connected({})));
  EXPECT_FALSE(watches(plan.connected(kKept)));
  EXPECT_TRUE(watches(plan.connected(kKept)));
  plan.subscribed(kDropCountTopic, 0x87);
  EXPECT_TRUE(watches(plan.connected(kKept)));
}

TEST(SubscriptionPlanTest, LeavesTheDropCountToAFilterThatBringsIt) {
  SubscriptionPlan wide(MqttVersion::v5, {{"$SYS/#", 1}}, {});
  const auto packets = wide.connected(kKept);
  EXPECT_FALSE(watches(packets));
  EXPECT_THAT(packets.unsubscribe, ElementsAre(kDropCountTopic)) << "of a process that had no such filter";
  SubscriptionPlan exact(MqttVersion::v5, {{kDropCountTopic, 0}}, {});
  EXPECT_THAT(exact.connected(kKept).unsubscribe, IsEmpty());
  SubscriptionPlan again(MqttVersion::v5, kWanted, {"$SYS/#", kDropCountTopic});
  EXPECT_THAT(again.connected(kKept).unsubscribe, ElementsAre("$SYS/#"));
}

}  // namespace
}  // namespace edgeseal::transport
