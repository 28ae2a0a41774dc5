// SPDX-License-Identifier: GPL-3.0-or-later
// Brokers that do what mosquitto does not.
#include <algorithm>

#include "tests/component/mqtt/peer.h"
#include "tests/component/mqtt/source_fixture.h"
#include "transport/ingest/drop_count.h"

namespace edgeseal::test {
namespace {

using testing::HasSubstr;
using transport::MqttVersion;

constexpr const char* kConnack5 = "2003000000";
constexpr const char* kConnack311 = "20020000";

class OddBrokerTest : public testing::Test {
 protected:
  void start(MqttVersion version = MqttVersion::v5) {
    source.emplace(
        transport::MqttOptions{
            .url = broker.url(), .version = version, .client_id = "gateway-1", .keep_alive = std::chrono::seconds{1}},
        std::vector<transport::Subscription>{{"plant/#", 1}}, std::vector<std::string>{}, clock);
    ASSERT_THAT(source->start(listener), IsOk());
    accept();
  }
  void accept() {
    peer = broker.accept();
    ASSERT_FALSE(peer.hear_packet().empty());
  }
  /// Whether it hears a packet with this text before the next PINGREQ, which it answers.
  [[nodiscard]] bool hears(const std::string& text) const {
    for (Bytes packet = peer.hear_packet(); !packet.empty(); packet = peer.hear_packet()) {
      if (as_text(packet).find(text) != std::string_view::npos) return true;
      if (packet != Bytes{0xC0, 0}) continue;
      peer.say("d000");
      return false;
    }
    ADD_FAILURE() << "the connection ended";
    return false;
  }

  const ScriptedBroker broker;
  Peer peer;
  SystemClock clock;
  RecordingListener listener;
  std::optional<transport::MqttSource> source;
};

TEST_F(OddBrokerTest, ThatNeverAnswersIsGivenUp) {
  start();
  ASSERT_TRUE(eventually([&] { return !listener.disconnected().empty(); }, std::chrono::seconds{40}));
  EXPECT_THAT(listener.disconnected()[0], HasSubstr("no answer from the broker in time"));
}

TEST_F(OddBrokerTest, ThatAnswersNoLongerIsGivenUp) {
  for (const MqttVersion version : {MqttVersion::v5, MqttVersion::v3_1_1}) {
    start(version);
    peer.say(version == MqttVersion::v5 ? kConnack5 : kConnack311);
    const std::size_t before = listener.disconnected().size();
    ASSERT_TRUE(listener.has_disconnected(before + 1));
    EXPECT_THAT(listener.disconnected().back(), HasSubstr("no answer from the broker in time"));
    source->stop();
  }
}

TEST_F(OddBrokerTest, ThatGaveTheSessionToAnotherIsQuoted) {
  start();
  peer.say(std::string(kConnack5) + "e0028e00");
  ASSERT_TRUE(listener.has_disconnected(1));
  EXPECT_THAT(listener.disconnected()[0], HasSubstr("the broker disconnected: Session taken over (142)"));
}

// It forgot the session between two connections, so an identifier is another message's now.
TEST_F(OddBrokerTest, ThatUsesAnIdentifierAgainGetsNoAcknowledgementOfTheMessageBefore) {
  const std::string publish =
      "3207000161000700"
      "78";
  start();
  peer.say(kConnack5 + publish);
  ASSERT_TRUE(listener.has_messages(1));
  peer.hang_up();
  accept();
  source->release(1);  // while the new connection comes up
  peer.say(kConnack5 + publish);
  ASSERT_TRUE(listener.has_messages(2));
  EXPECT_FALSE(hears(std::string("\x40\x02\x00\x07", 4)));
  source->release(2);
  EXPECT_TRUE(hears(std::string("\x40\x02\x00\x07", 4)));
  ASSERT_TRUE(eventually([&] { return !listener.acknowledged().empty(); }));
  EXPECT_THAT(listener.acknowledged(), testing::ElementsAre(2));
}

// Some brokers end the connection of a client that asks for what it may not have.
TEST_F(OddBrokerTest, ThatWillNotBeAskedForItsDropCountIsNotAskedTwiceRunning) {
  for (const MqttVersion version : {MqttVersion::v5, MqttVersion::v3_1_1}) {
    start(version);
    const char* connack = version == MqttVersion::v5 ? kConnack5 : kConnack311;
    peer.say(connack);
    ASSERT_TRUE(hears(transport::kDropCountTopic));
    peer.hang_up();
    accept();
    peer.say(connack);
    EXPECT_TRUE(hears("plant/#"));
    EXPECT_FALSE(hears(transport::kDropCountTopic));
    peer.hang_up();
    accept();
    peer.say(connack);
    EXPECT_TRUE(hears(transport::kDropCountTopic));
    source->stop();
  }
  // This broker keeps no session, and says so; of its subscriptions there is nothing to complain of.
  EXPECT_THAT(listener.shortfalls(), testing::Each(testing::HasSubstr("session")));
}

}  // namespace
}  // namespace edgeseal::test
