// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/grants.h"

#include <gmock/gmock.h>

namespace edgeseal::transport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<Subscription> kAsked{{"plant/#", 1}, {"other", 2}};

std::vector<std::string> told(Grants& grants) {
  std::vector<std::string> lines;
  const auto news = grants.news();
  EXPECT_TRUE(news);
  for (const Shortfall& each : news.value_or(std::vector<Shortfall>{}))
    lines.push_back(each.what + ": " + each.asked + ", " + each.granted);
  return lines;
}

struct GrantRow {
  std::uint8_t qos;
  std::uint8_t code;
  const char* told;  ///< nullptr: nothing
};

// Every code that a SUBACK may have, and some that it may not.
TEST(GrantsTest, OfASubscriptionAreComparedWithWhatWasAsked) {
  const std::vector<GrantRow> rows{
      {0, 0, nullptr},
      {1, 1, nullptr},
      {2, 2, nullptr},
      {1, 2, nullptr},  // more is no less
      {1, 0, "subscription a: QoS 1, QoS 0"},
      {2, 1, "subscription a: QoS 2, QoS 1"},
      {2, 0, "subscription a: QoS 2, QoS 0"},
      {0, 0x80, "subscription a: QoS 0, words"},
      {1, 0x87, "subscription a: QoS 1, words"},
      {1, 0xA2, "subscription a: QoS 1, words"},
      {1, 3, "subscription a: QoS 1, words"},
      {1, 0x7F, "subscription a: QoS 1, words"},
      {1, 0xFF, "subscription a: QoS 1, words"},
  };
  for (const GrantRow& row : rows) {
    SCOPED_TRACE(int{row.qos} * 1000 + row.code);
    Grants grants({}, {{"a", row.qos}}, false);
    grants.connected({}, {});
    grants.answered("a", row.code, "words");
    if (row.told == nullptr) {
      EXPECT_FALSE(grants.news());
    } else {
      EXPECT_THAT(told(grants), ElementsAre(row.told));
    }
  }
}

TEST(GrantsTest, AreToldOnceAndAgainWhenMended) {
  Grants grants({}, {{"a", 1}}, false);
  for (int connection = 0; connection < 3; ++connection) {
    grants.connected({.session_present = connection > 0}, {});
    grants.answered("a", 0, "");
    EXPECT_EQ(grants.news().has_value(), connection == 0);
  }
  grants.connected({.session_present = true}, {});
  grants.answered("a", 1, "");
  EXPECT_THAT(told(grants), IsEmpty());
}

TEST(GrantsTest, OfWhatTheBrokerSaysThatItHasNotAreTold) {
  Grants grants({}, kAsked, false);
  grants.connected({}, {.withheld = {{kAsked[0], "no wildcards"}}});
  EXPECT_THAT(told(grants), ElementsAre("subscription plant/#: QoS 1, no wildcards"));
}

TEST(GrantsTest, OfASubscriptionThatDoesNotEndAreToldOnceUntilItDoes) {
  const Connack kept{.session_present = true};
  Grants grants({}, kAsked, false);
  for (int connection = 0; connection < 3; ++connection) {
    grants.connected(kept, {.unsubscribe = {"old/#"}});
    grants.given_up("old/#", false, "Not authorized (135)");
    EXPECT_EQ(grants.news().has_value(), connection == 0);
  }
  grants.connected(kept, {.unsubscribe = {"old/#"}});
  grants.given_up("old/#", true, "");
  EXPECT_THAT(told(grants), IsEmpty());
  grants.connected(kept, {.unsubscribe = {"old/#"}, .unanswered = {"old/#"}});
  EXPECT_THAT(told(grants), ElementsAre("the end of subscription old/#: given up, no answer"));
  grants.connected({}, {});  // the session is gone, and the subscription with it
  EXPECT_THAT(told(grants), ElementsAre("the session: kept, not kept"));
}

struct SessionRow {
  MqttVersion version;
  bool expected;
  Connack connack;
  std::vector<std::string> told;
};

TEST(GrantsTest, OfASessionAreComparedWithWhatWasAsked) {
  const std::vector<SessionRow> rows{
      {MqttVersion::v5, false, {}, {}},
      {MqttVersion::v5, true, {.session_present = true}, {}},
      {MqttVersion::v5, true, {}, {"the session: kept, not kept"}},
      {MqttVersion::v3_1_1, true, {}, {"the session: kept, not kept"}},
      {MqttVersion::v5, false, {.session_expiry_seconds = 0xFFFFFFFF}, {}},
      {MqttVersion::v5, false, {.session_expiry_seconds = 0}, {"the session's expiry: never, at once"}},
      {MqttVersion::v5, false, {.session_expiry_seconds = 3600}, {"the session's expiry: never, after 3600 s"}},
      {MqttVersion::v5, false, {.assigned_client_id = "auto-1"}, {"the client id: gateway-1, auto-1"}},
  };
  for (const SessionRow& row : rows) {
    Grants grants({.version = row.version, .client_id = "gateway-1"}, kAsked, row.expected);
    grants.connected(row.connack, {});
    const auto news = grants.news();
    EXPECT_EQ(news.has_value(), !row.told.empty());
    if (!news) continue;
    std::vector<std::string> lines;
    for (const Shortfall& each : *news) lines.push_back(each.what + ": " + each.asked + ", " + each.granted);
    EXPECT_EQ(lines, row.told);
  }
}

}  // namespace
}  // namespace edgeseal::transport
