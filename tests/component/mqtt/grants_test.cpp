// SPDX-License-Identifier: GPL-3.0-or-later
// What a broker grants is looked at, and kept to.
#include "transport/ingest/grants.h"

#include <algorithm>

#include "tests/component/mqtt/peer.h"
#include "tests/component/mqtt/source_fixture.h"

namespace edgeseal::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using transport::MqttVersion;

class GrantsTest : public testing::TestWithParam<MqttVersion> {};
INSTANTIATE_TEST_SUITE_P(Versions, GrantsTest, testing::Values(MqttVersion::v5, MqttVersion::v3_1_1), version_name);

TEST_P(GrantsTest, OfQos0ForAnotherAreToldOnceHoweverOftenItConnects) {
  SourceFixture at{GetParam(), {.more = {"--config", "max_qos 0"}}};
  at.start_subscribed();
  ASSERT_TRUE(eventually([&] { return !at.listener->shortfalls().empty(); }));
  EXPECT_THAT(at.listener->shortfalls(), ElementsAre("subscription plant/#: QoS 1, QoS 0"));
  at.broker.publish({"-i", "gateway-1", "-t", "other", "-m", "x"});  // takes the session, and leaves
  ASSERT_TRUE(eventually([&] { return at.subscriptions_answered() == 2; })) << at.broker.log();
  EXPECT_THAT(at.listener->shortfalls(), testing::Contains("subscription plant/#: QoS 1, QoS 0"));
}

/// A broker whose words the test writes, and a client of it.
class ScriptedGrants : public testing::Test {
 protected:
  void start(std::chrono::seconds keep_alive = std::chrono::seconds{60}, MqttVersion version = MqttVersion::v5) {
    source.emplace(
        transport::MqttOptions{
            .url = broker.url(), .version = version, .client_id = "gateway-1", .keep_alive = keep_alive},
        std::vector<transport::Subscription>{{"plant/#", 1}}, std::vector<std::string>{}, clock);
    ASSERT_THAT(source->start(listener), IsOk());
    accept();
  }
  void accept() {
    peer = broker.accept();
    ASSERT_FALSE(peer.hear_packet().empty());
  }
  /// Answers the SUBSCRIBE of plant/# with this code; passes over other packets.
  void grant(std::uint8_t code) {
    for (Bytes packet = peer.hear_packet(); !packet.empty(); packet = peer.hear_packet()) {
      if (packet[0] != 0x82 || as_text(packet).find("plant/#") == std::string_view::npos) continue;
      peer.say(ByteView(Bytes{0x90, 4, packet[2], packet[3], 0, code}));
      return;
    }
    ADD_FAILURE() << "no SUBSCRIBE";
  }
  [[nodiscard]] bool told(int times) const {
    return eventually([&] { return listener.shortfalls_told() >= times; });
  }

  const ScriptedBroker broker;
  Peer peer;
  SystemClock clock;
  RecordingListener listener;
  std::optional<transport::MqttSource> source;
};

TEST_F(ScriptedGrants, AreAskedForAgainUntilTheyAreMended) {
  start();
  peer.say("2003000000");
  grant(0);
  ASSERT_TRUE(told(1));
  EXPECT_THAT(listener.shortfalls(), ElementsAre("subscription plant/#: QoS 1, QoS 0"));
  peer.hang_up();
  accept();
  peer.say("2003010000");
  grant(1);
  ASSERT_TRUE(told(2));
  EXPECT_THAT(listener.shortfalls(), IsEmpty());
}

TEST_F(ScriptedGrants, OfASessionThatIsNotKeptAreTold) {
  start();
  peer.say(
      "2008000005"
      "1100000000");
  ASSERT_TRUE(told(1));
  EXPECT_THAT(listener.shortfalls(), ElementsAre("the session's expiry: never, at once"));
}

TEST_F(ScriptedGrants, AreAskedForWithinTheMaximumQos) {
  start();
  peer.say(
      "2005000002"
      "2400");
  Bytes subscribe = peer.hear_packet();
  EXPECT_EQ(subscribe.back() & 3, 0) << to_hex(subscribe);
}

// The client was told 60 seconds; the broker wants to hear something each second, and answers.
TEST_F(ScriptedGrants, OfAShorterKeepAliveAreKeptTo) {
  start();
  peer.say(
      "2006000003"
      "130001");
  int pings = 0;
  while (pings < 3 && peer.hears_anything(std::chrono::milliseconds{1500})) {
    if (peer.hear_packet() != Bytes{0xC0, 0}) continue;
    ++pings;
    peer.say("d000");
  }
  EXPECT_EQ(pings, 3);
  EXPECT_THAT(listener.disconnected(), IsEmpty());
}

TEST_F(ScriptedGrants, OfAShorterKeepAliveShowABrokerThatIsGone) {
  start();
  peer.say(
      "2006000003"
      "130001");
  ASSERT_TRUE(listener.has_disconnected(1));
  EXPECT_THAT(listener.disconnected()[0], HasSubstr("no answer from the broker in time"));
}

TEST_F(ScriptedGrants, OfASessionTakenOverNameTheClientId) {
  start();
  peer.say("2003000000");
  grant(1);
  peer.say("e0028e00");  // MQTT 5.0 section 3.14.2.1: session taken over
  ASSERT_TRUE(listener.has_disconnected(1));
  EXPECT_THAT(listener.disconnected()[0], HasSubstr("source.client_id"));
}

// MQTT 3.1.1 has no reason to give: the connection ends, in order or by a reset.
TEST_F(ScriptedGrants, OfOneSessionToTwoClientsNameTheClientId) {
  for (const bool reset : {false, true}) {
    start(std::chrono::seconds{60}, MqttVersion::v3_1_1);
    const std::size_t before = listener.disconnected().size();
    for (std::size_t times = 1; times <= 2; ++times) {
      peer.say("20020000");
      ASSERT_FALSE(peer.hear_packet().empty());
      reset ? peer.reset() : peer.hang_up();
      ASSERT_TRUE(listener.has_disconnected(before + times));
      if (times == 1) accept();
    }
    EXPECT_THAT(listener.disconnected()[before], testing::Not(HasSubstr("source.client_id")));
    EXPECT_THAT(listener.disconnected()[before + 1], HasSubstr("probably another client uses the client id"));
    EXPECT_THAT(listener.disconnected()[before + 1], HasSubstr("source.client_id"));
    source->stop();
  }
}

// A link that breaks after it has stood, or before the broker has accepted, says nothing of a second client.
TEST_F(ScriptedGrants, AreNoReasonToSuspectASecondClientBeforeTheBrokerHasAccepted) {
  start(std::chrono::seconds{60}, MqttVersion::v3_1_1);
  for (std::size_t times = 1; times <= 3; ++times) {
    peer.reset();
    ASSERT_TRUE(listener.has_disconnected(times));
    EXPECT_THAT(listener.disconnected().back(), testing::Not(HasSubstr("source.client_id")));
    if (times < 3) accept();
  }
}

TEST_P(GrantsTest, OfOneSessionToTwoSourcesNameTheClientIdToBoth) {
  SourceFixture at{GetParam()};
  at.start_subscribed();
  RecordingListener other_listener;
  transport::MqttSource other(at.options, at.subscriptions, {}, at.clock);
  ASSERT_THAT(other.start(other_listener), IsOk());
  const auto named = [](const RecordingListener& listener) {
    return std::ranges::any_of(listener.disconnected(), [](const std::string& why) {
      return why.find("source.client_id") != std::string::npos;
    });
  };
  EXPECT_TRUE(eventually([&] { return named(*at.listener) && named(other_listener); }, std::chrono::seconds{90}));
  other.stop();
}

}  // namespace
}  // namespace edgeseal::test
