// SPDX-License-Identifier: GPL-3.0-or-later
// Copies of one message can be told apart, and what is not wanted any more is given up until the broker has confirmed
// it.
#include <string>
#include <tuple>

#include "tests/component/mqtt/peer.h"
#include "tests/component/mqtt/source_fixture.h"

namespace edgeseal::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using transport::MqttVersion;

// --- identifiers, with a real broker

using VersionAndQos = std::tuple<MqttVersion, int>;

std::string name_of(const testing::TestParamInfo<VersionAndQos>& info) {
  const auto [version, qos] = info.param;
  return (version == MqttVersion::v5 ? "Mqtt5Qos" : "Mqtt311Qos") + std::to_string(qos);
}

class CopiesTest : public testing::TestWithParam<VersionAndQos> {};
INSTANTIATE_TEST_SUITE_P(VersionsAndQos, CopiesTest,
                         testing::Combine(testing::Values(MqttVersion::v5, MqttVersion::v3_1_1), testing::Range(0, 3)),
                         name_of);

TEST_P(CopiesTest, CarryTheIdentifierOfTheirSubscription) {
  const auto [version, qos] = GetParam();
  // Without that, mosquitto 2.0.11 sends a client of MQTT 3.1.1 one copy; whatever its manual says of the default.
  SourceFixture at{version, {.more = {"--config", "allow_duplicate_messages true"}}};
  const auto wanted = static_cast<std::uint8_t>(qos);
  at.subscriptions = {{"plant/+/t", wanted}, {"plant/7/#", wanted}, {"yard/#", wanted}};
  at.start_subscribed(3);
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "plant/7/t", "-q", std::to_string(qos), "-m", "both"});
  at.broker.publish({"-t", "yard/1", "-q", std::to_string(qos), "-m", "one"});
  ASSERT_TRUE(at.listener->has_messages(3));
  const auto messages = at.listener->messages();
  EXPECT_THAT(at.listener->payloads(), ElementsAre("both", "both", "one"));
  EXPECT_THAT(messages[2].subscription_ids, IsEmpty());
  for (const auto& each : messages) EXPECT_EQ(each.properties, MessageProperties{});
  if (version == MqttVersion::v5) {
    ASSERT_THAT(messages[0].subscription_ids, SizeIs(1));
    ASSERT_THAT(messages[1].subscription_ids, SizeIs(1));
    EXPECT_NE(messages[0].subscription_ids, messages[1].subscription_ids);
  } else {
    EXPECT_THAT(messages[0].subscription_ids, IsEmpty());
    EXPECT_THAT(messages[1].subscription_ids, IsEmpty());
  }
}

// --- a broker whose words the test writes

class SubscriptionTest : public testing::Test {
 protected:
  void start(MqttVersion version = MqttVersion::v5, bool session_present = true) {
    version_ = version;
    source.emplace(
        transport::MqttOptions{
            .url = broker.url(), .version = version, .client_id = "gateway-1", .keep_alive = std::chrono::seconds{1}},
        wanted, remembered, clock);
    ASSERT_THAT(source->start(listener), IsOk());
    accept(session_present ? "01" : "00");
  }
  void accept(const std::string& session_present = "01") {
    peer = broker.accept();
    ASSERT_FALSE(peer.hear_packet().empty());
    peer.say(v5() ? "2003" + session_present + "0000" : "2002" + session_present + "00");
  }
  /// The next UNSUBSCRIBE's filter; empty if the client is quiet until its next PINGREQ. Answers all else.
  [[nodiscard]] std::string next_unsubscribe() {
    for (Bytes packet = peer.hear_packet(); !packet.empty(); packet = peer.hear_packet()) {
      switch (packet[0]) {
        case 0x82:
          subscribed.push_back(to_hex(packet));
          peer.say(v5() ? ByteView(Bytes{0x90, 4, packet[2], packet[3], 0, 1})
                        : ByteView(Bytes{0x90, 3, packet[2], packet[3], 1}));
          break;
        case 0xA2:
          unsubscribe = packet;
          return std::string(as_text(packet).substr(v5() ? 7 : 6));
        case 0xC0:
          peer.say("d000");
          return {};
        default:
          ADD_FAILURE() << to_hex(packet);
      }
    }
    ADD_FAILURE() << "the connection ended";
    return {};
  }
  void answer(std::uint8_t code) const {
    peer.say(v5() ? ByteView(Bytes{0xB0, 4, unsubscribe[2], unsubscribe[3], 0, code})
                  : ByteView(Bytes{0xB0, 2, unsubscribe[2], unsubscribe[3]}));
  }
  [[nodiscard]] bool v5() const { return version_ == MqttVersion::v5; }
  [[nodiscard]] bool told(int times) const {
    return eventually([&] { return listener.shortfalls_told() >= times; });
  }

  const ScriptedBroker broker;
  Peer peer;
  SystemClock clock;
  RecordingListener listener;
  std::vector<transport::Subscription> wanted{{"plant/#", 1}};
  std::vector<std::string> remembered{"old/#", "plant/#"};
  Bytes unsubscribe;                    ///< the last that came
  std::vector<std::string> subscribed;  ///< each SUBSCRIBE
  std::optional<transport::MqttSource> source;

 private:
  MqttVersion version_ = MqttVersion::v5;
};

TEST_F(SubscriptionTest, ThatTheBrokerDoesNotEndIsToldOnceAndAskedForOnEachConnection) {
  start();
  for (int connection = 1; connection <= 2; ++connection) {
    ASSERT_EQ(next_unsubscribe(), "old/#");
    answer(0x87);
    EXPECT_EQ(next_unsubscribe(), "");
    ASSERT_TRUE(told(1));
    EXPECT_THAT(listener.shortfalls(), ElementsAre("the end of subscription old/#: given up, Not authorized (135)"));
    EXPECT_EQ(listener.shortfalls_told(), 1);
    peer.hang_up();
    accept();
  }
  EXPECT_THAT(listener.subscriptions(), IsEmpty());
  ASSERT_EQ(next_unsubscribe(), "old/#");
  answer(0x00);
  ASSERT_TRUE(told(2));
  EXPECT_THAT(listener.shortfalls(), IsEmpty());
  EXPECT_THAT(listener.subscriptions(), ElementsAre("plant/#"));
}

TEST_F(SubscriptionTest, ThatIsNotThereIsForgotten) {
  start();
  ASSERT_EQ(next_unsubscribe(), "old/#");
  answer(0x11);  // MQTT 5.0 section 3.11.3: no subscription existed
  EXPECT_TRUE(eventually([&] { return listener.subscriptions().size() == 1; }));
  EXPECT_EQ(listener.shortfalls_told(), 0);
}

// MQTT 3.1.1 section 3.11: no code, and no way to refuse.
TEST_F(SubscriptionTest, ThatABrokerOf311EndsIsForgotten) {
  start(MqttVersion::v3_1_1);
  ASSERT_EQ(next_unsubscribe(), "old/#");
  EXPECT_EQ(next_unsubscribe(), "");
  EXPECT_THAT(listener.subscriptions(), IsEmpty());
  answer(0);
  EXPECT_TRUE(eventually([&] { return listener.subscriptions().size() == 1; }));
  EXPECT_EQ(listener.shortfalls_told(), 0);
}

TEST_F(SubscriptionTest, WhoseEndIsNotAnsweredHoldsNothingUp) {
  start();
  ASSERT_EQ(next_unsubscribe(), "old/#");
  peer.say("32090003782f7900010078");  // QoS 1, no properties
  EXPECT_TRUE(listener.has_messages(1));
  EXPECT_THAT(listener.subscriptions(), IsEmpty());
  peer.hang_up();
  accept();
  ASSERT_EQ(next_unsubscribe(), "old/#");
  ASSERT_TRUE(told(1));
  EXPECT_THAT(listener.shortfalls(), ElementsAre("the end of subscription old/#: given up, no answer"));
  const auto before = std::chrono::steady_clock::now();
  source->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{10});
}

TEST_F(SubscriptionTest, OfASessionThatIsGoneIsForgottenWithoutAWord) {
  start(MqttVersion::v5, false);
  EXPECT_EQ(next_unsubscribe(), "");
  EXPECT_TRUE(eventually([&] { return listener.subscriptions().size() == 1; }));
  EXPECT_THAT(listener.subscriptions(), ElementsAre("plant/#"));
}

// What Paho would read beyond the end of.
TEST_F(SubscriptionTest, WhoseEndIsAnsweredWithoutACodeEndsTheConnection) {
  start();
  ASSERT_EQ(next_unsubscribe(), "old/#");
  peer.say(ByteView(Bytes{0xB0, 3, unsubscribe[2], unsubscribe[3], 0}));
  ASSERT_TRUE(listener.has_disconnected(1));
  EXPECT_THAT(listener.disconnected()[0], testing::HasSubstr("UNSUBACK"));
  EXPECT_THAT(listener.subscriptions(), IsEmpty());
}

TEST_F(SubscriptionTest, HasNoIdentifierWhereTheBrokerHasNone) {
  wanted = {{"plant/+/t", 1}, {"plant/7/#", 1}};
  remembered = {};
  source.emplace(transport::MqttOptions{.url = broker.url(), .client_id = "g", .keep_alive = std::chrono::seconds{1}},
                 wanted, remembered, clock);
  ASSERT_THAT(source->start(listener), IsOk());
  peer = broker.accept();
  ASSERT_FALSE(peer.hear_packet().empty());
  peer.say("20050000022900");  // Subscription Identifiers Available: 0
  EXPECT_EQ(next_unsubscribe(), "");
  ASSERT_THAT(subscribed, SizeIs(3));
  for (const std::string& each : subscribed) EXPECT_EQ(each.substr(8, 2), "00") << "no properties in " << each;
}

// Of a session that was made meanwhile and could not be told, the broker holds none.
TEST_F(SubscriptionTest, AreAskedForAgainAfterAConnectionThatEndedInsteadOfItsConnack) {
  remembered = {};
  start(MqttVersion::v5, false);
  ASSERT_EQ(next_unsubscribe(), "");
  peer.hang_up();
  accept();
  ASSERT_EQ(next_unsubscribe(), "");
  EXPECT_THAT(subscribed, SizeIs(3)) << "the filter once, the drop count on each connection";
  peer.hang_up();
  peer = broker.accept();
  ASSERT_FALSE(peer.hear_packet().empty());
  peer.hang_up();
  accept();
  EXPECT_EQ(next_unsubscribe(), "");
  EXPECT_THAT(subscribed, SizeIs(5));
}

// Memory ran out while it was told. The next connection finds the session that the broker has made meanwhile.
TEST_F(SubscriptionTest, OfANewSessionAreToldOnTheNextConnectionIfTheyCouldNotBeBefore) {
  listener.fail_next_connected();
  start(MqttVersion::v5, false);
  ASSERT_TRUE(listener.has_disconnected(1));
  EXPECT_THAT(listener.disconnected()[0], testing::HasSubstr("std::bad_alloc"));
  EXPECT_THAT(listener.connected(), IsEmpty());
  accept();
  EXPECT_EQ(next_unsubscribe(), "");
  EXPECT_THAT(listener.connected(), ElementsAre(false));
}

// It was queued under a configuration whose filters had other topics.
TEST_F(SubscriptionTest, KeepsNoIdentifierThatItHasNotGiven) {
  start();
  ASSERT_EQ(next_unsubscribe(), "old/#");
  peer.say("30090003782f79020b0578");  // QoS 0, subscription identifier 5
  ASSERT_TRUE(listener.has_messages(1));
  EXPECT_THAT(listener.messages()[0].subscription_ids, IsEmpty());
}

}  // namespace
}  // namespace edgeseal::test
