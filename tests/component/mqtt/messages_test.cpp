// SPDX-License-Identifier: GPL-3.0-or-later
// What comes out of a source is what was published, every part of it.
#include <filesystem>

#include "tests/component/mqtt/source_fixture.h"

namespace edgeseal::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using transport::Message;
using transport::MqttVersion;

class MessagesTest : public testing::TestWithParam<MqttVersion> {
 protected:
  // By itself the broker drops what is queued past 1,000 messages, as it should when a machine is slow.
  SourceFixture at{GetParam(), {.more = {"--max-queued", "0"}}};
};
INSTANTIATE_TEST_SUITE_P(Versions, MessagesTest, testing::Values(MqttVersion::v5, MqttVersion::v3_1_1), version_name);

TEST_P(MessagesTest, KeepTopicPayloadQosAndTime) {
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  const WallTime before = at.clock.now().wall;
  at.broker.publish({"-t", "plant/7/telemetry", "-q", "1", "-m", "42"});
  at.broker.publish({"-t", "plant/7/state", "-q", "0", "-m", "on"});
  ASSERT_TRUE(at.listener->has_messages(2));

  const auto messages = at.listener->messages();
  EXPECT_EQ(messages[0].topic, "plant/7/telemetry");
  EXPECT_EQ(as_text(messages[0].payload), "42");
  EXPECT_EQ(messages[0].qos, 1);
  EXPECT_NE(messages[0].packet_id, 0);
  EXPECT_EQ(messages[0].connection, 1U);
  EXPECT_FALSE(messages[0].dup);
  EXPECT_FALSE(messages[0].retain);
  EXPECT_GE(messages[0].received, before);
  EXPECT_LE(messages[0].received, at.clock.now().wall);
  EXPECT_EQ(messages[1].topic, "plant/7/state");
  EXPECT_EQ(messages[1].qos, 0);
  EXPECT_EQ(messages[1].packet_id, 0);
  EXPECT_THAT(at.listener->numbers(), ElementsAre(1, 2));
}

TEST_P(MessagesTest, KeepAnyByteOfThePayload) {
  std::string payload;
  for (int byte = 0; byte < 256; ++byte) payload.push_back(static_cast<char>(byte));
  const std::string large = std::string(300'000, '\0') + payload;
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "plant/b", "-q", "1", "-s"}, payload);
  at.broker.publish({"-t", "plant/b", "-q", "1", "-n"});
  at.broker.publish({"-t", "plant/b", "-q", "1", "-s"}, large);
  ASSERT_TRUE(at.listener->has_messages(3));
  EXPECT_THAT(at.listener->payloads(), ElementsAre(payload, "", large));
}

TEST_P(MessagesTest, AreFlaggedWhenTheBrokerHadRetainedThem) {
  at.broker.publish({"-t", "plant/7/state", "-q", "1", "-r", "-m", "kept"});
  at.start();
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_TRUE(at.listener->messages()[0].retain);
  EXPECT_EQ(as_text(at.listener->messages()[0].payload), "kept");
}

TEST_P(MessagesTest, StayInOrder) {
  std::string lines;
  std::vector<std::string> expected;
  for (int i = 0; i < 5000; ++i) {
    expected.push_back(std::to_string(i));
    lines += expected.back() + "\n";
  }
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "plant/7/count", "-q", "1", "-l"}, lines);
  ASSERT_TRUE(at.listener->has_messages(expected.size()));
  EXPECT_EQ(at.listener->payloads(), expected);
  const auto numbers = at.listener->numbers();
  for (std::size_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], i + 1);
}

// Filters of several routes overlap; the broker is asked only for the widest, and sends a message once.
TEST_P(MessagesTest, ComeOnceWhenFiltersOverlap) {
  at.subscriptions = {{"plant/+/telemetry", 1}, {"plant/#", 0}, {"plant/7/#", 1}};
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "plant/7/telemetry", "-q", "1", "-m", "once"});
  at.broker.publish({"-t", "plant/end", "-q", "1", "-m", "end"});
  ASSERT_TRUE(at.listener->has_messages(2));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("once", "end"));
  EXPECT_EQ(at.listener->messages()[0].qos, 1);
}

// Paho's own persistence would write payloads in the clear.
TEST_P(MessagesTest, LeaveNoFile) {
  const TempDir here;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(here.path());
  at.subscriptions = {{"plant/#", 2}};
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "2", "-m", "secret"});
  ASSERT_TRUE(at.listener->has_messages(1));
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(here.path())) {
    found.push_back(entry.path().string());
  }
  at.stop();
  std::filesystem::current_path(before);
  EXPECT_THAT(found, IsEmpty());
}

TEST(Mqtt5MessagesTest, KeepAllProperties) {
  SourceFixture at;
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-V",
                     "5",
                     "-t",
                     "plant/7",
                     "-q",
                     "1",
                     "-m",
                     "{}",
                     "-D",
                     "publish",
                     "user-property",
                     "unit",
                     "bar",
                     "-D",
                     "publish",
                     "user-property",
                     "unit",
                     "",
                     "-D",
                     "publish",
                     "content-type",
                     "application/json",
                     "-D",
                     "publish",
                     "response-topic",
                     "plant/answers",
                     "-D",
                     "publish",
                     "correlation-data",
                     "id 7",
                     "-D",
                     "publish",
                     "payload-format-indicator",
                     "1",
                     "-D",
                     "publish",
                     "message-expiry-interval",
                     "3600"});
  at.broker.publish({"-V", "5", "-t", "plant/7", "-q", "1", "-m", "bare"});
  ASSERT_TRUE(at.listener->has_messages(2));

  const auto messages = at.listener->messages();
  const MessageProperties& properties = messages[0].properties;
  EXPECT_THAT(properties.user, ElementsAre(Pair("unit", "bar"), Pair("unit", "")));
  EXPECT_EQ(properties.content_type, "application/json");
  EXPECT_EQ(properties.response_topic, "plant/answers");
  EXPECT_EQ(properties.correlation_data, (Bytes{'i', 'd', ' ', '7'}));
  EXPECT_EQ(properties.payload_format, 1);
  EXPECT_EQ(properties.message_expiry_seconds, 3600U);
  EXPECT_EQ(messages[1].properties, MessageProperties{});
}

TEST_P(MessagesTest, ComeWithQos2WhenAskedFor) {
  at.subscriptions = {{"plant/#", 2}};
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "plant/7", "-q", "2", "-m", "two"});
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "one"});
  at.broker.publish({"-t", "plant/7", "-q", "2", "-l"}, "a\nb\nc\n");
  ASSERT_TRUE(at.listener->has_messages(5));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("two", "one", "a", "b", "c"));
  EXPECT_EQ(at.listener->messages()[0].qos, 2);
  EXPECT_EQ(at.listener->messages()[1].qos, 1);
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBCOMP from gateway-1") == 4; }));
}

}  // namespace
}  // namespace edgeseal::test
