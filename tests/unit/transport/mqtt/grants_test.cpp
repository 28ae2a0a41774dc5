// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/grants.h"

#include <gmock/gmock.h>

namespace edgeseal::transport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Subscription> kWanted{{"plant/#", 1}, {"other", 2}};

std::vector<std::string> told(Grants& grants) {
  std::vector<std::string> lines;
  const auto news = grants.news();
  EXPECT_TRUE(news);
  for (const Shortfall& each : news.value_or(std::vector<Shortfall>{}))
    lines.push_back(each.what + ": " + each.asked + ", " + each.granted);
  return lines;
}

struct AnswerRow {
  std::uint8_t qos;
  std::uint8_t code;
  const char* told;  ///< nullptr: nothing
  bool asked_again;
};

// Every code that a SUBACK may have, and some that it may not.
TEST(GrantsTest, OfASubscriptionAreComparedWithWhatWasAsked) {
  const std::vector<AnswerRow> rows{
      {0, 0, nullptr, false},
      {1, 1, nullptr, false},
      {2, 2, nullptr, false},
      {1, 2, nullptr, false},  // more is no less
      {1, 0, "subscription a: QoS 1, QoS 0", true},
      {2, 1, "subscription a: QoS 2, QoS 1", true},
      {2, 0, "subscription a: QoS 2, QoS 0", true},
      {0, 0x80, "subscription a: QoS 0, words", true},
      {1, 0x87, "subscription a: QoS 1, words", true},
      {1, 0xA2, "subscription a: QoS 1, words", true},
      {1, 3, "subscription a: QoS 1, words", true},
      {1, 0x7F, "subscription a: QoS 1, words", true},
      {1, 0xFF, "subscription a: QoS 1, words", true},
  };
  for (const AnswerRow& row : rows) {
    SCOPED_TRACE(int{row.qos} * 1000 + row.code);
    Grants grants({}, {{"a", row.qos}}, false);
    EXPECT_THAT(grants.connected({}), ElementsAre(Subscription{"a", row.qos}));
    grants.answered("a", row.code, "words");
    if (row.told == nullptr) {
      EXPECT_FALSE(grants.news());
    } else {
      EXPECT_THAT(told(grants), ElementsAre(row.told));
    }
    EXPECT_EQ(!grants.connected({.session_present = true}).empty(), row.asked_again);
  }
}

TEST(GrantsTest, AreToldOnceAndAgainWhenMended) {
  Grants grants({}, {{"a", 1}}, false);
  for (int connection = 0; connection < 3; ++connection) {
    static_cast<void>(grants.connected({.session_present = connection > 0}));
    grants.answered("a", 0, "");
    EXPECT_EQ(grants.news().has_value(), connection == 0);
  }
  static_cast<void>(grants.connected({.session_present = true}));
  grants.answered("a", 1, "");
  EXPECT_THAT(told(grants), IsEmpty());
  EXPECT_THAT(grants.connected({.session_present = true}), IsEmpty());
}

TEST(GrantsTest, AskForNothingThatTheSessionHasAndForAllThatAForgottenOneHad) {
  Grants grants({}, kWanted, false);
  EXPECT_EQ(grants.connected({}), kWanted);
  grants.answered("plant/#", 1, "");
  EXPECT_THAT(grants.connected({.session_present = true}), ElementsAre(kWanted[1]));
  grants.answered("other", 2, "");
  EXPECT_THAT(grants.connected({.session_present = true}), IsEmpty());
  EXPECT_EQ(grants.connected({.session_present = false}), kWanted);
}

TEST(GrantsTest, AskForNoMoreThanTheBrokerSaysThatItHas) {
  Grants grants({}, kWanted, false);
  EXPECT_THAT(grants.connected({.qos_max = 0}), ElementsAre(Subscription{"plant/#", 0}, Subscription{"other", 0}));
  Grants wildcards({}, kWanted, false);
  EXPECT_THAT(wildcards.connected({.wildcards_available = false}), ElementsAre(kWanted[1]));
  EXPECT_THAT(told(wildcards), ElementsAre("subscription plant/#: QoS 1, no wildcards"));
  Grants shared({}, {{"$share/g/a", 1}}, false);
  EXPECT_THAT(shared.connected({.shared_available = false}), IsEmpty());
  EXPECT_THAT(told(shared), ElementsAre("subscription $share/g/a: QoS 1, no shared subscriptions"));
  Grants small({}, {{std::string(100, 'a'), 1}, {"b", 1}}, false);
  EXPECT_THAT(small.connected({.packet_bytes_max = 64}), ElementsAre(Subscription{"b", 1}));
  EXPECT_THAT(told(small), ElementsAre(HasSubstr("no packets of more than 64 bytes")));
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
    Grants grants({.version = row.version, .client_id = "gateway-1"}, kWanted, row.expected);
    static_cast<void>(grants.connected(row.connack));
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
