// SPDX-License-Identifier: GPL-3.0-or-later
// A message is acknowledged when it is released, and stays with the broker until then.
#include "tests/component/mqtt/source_fixture.h"

namespace edgeseal::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using transport::MqttVersion;

constexpr int kKeepAlives = 10;
constexpr std::chrono::seconds kKeepAlivesMax{30};  ///< how long so many of one second may take

class AcknowledgementTest : public testing::TestWithParam<MqttVersion> {
 protected:
  SourceFixture at{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Versions, AcknowledgementTest, testing::Values(MqttVersion::v5, MqttVersion::v3_1_1),
                         version_name);

TEST_P(AcknowledgementTest, GoesWhenReleased) {
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "a"});
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_EQ(at.logged("Received PUBACK from gateway-1"), 0);
  at.source->release(1);
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 1; }));
}

TEST_P(AcknowledgementTest, OfALaterMessageCoversTheEarlier) {
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, "a\nb\nc\n");
  ASSERT_TRUE(at.listener->has_messages(3));
  at.source->release(3);
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 3; }));
}

TEST_P(AcknowledgementTest, NeverGoesForWhatWasNotReleasedWhenTheSourceStops) {
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, "a\nb\nc\n");
  ASSERT_TRUE(at.listener->has_messages(3));
  at.source->release(1);
  ASSERT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 1; }));
  at.stop();
  EXPECT_EQ(at.logged("Received PUBACK from gateway-1"), 1);

  at.start();
  at.listener->release_at_once(*at.source);
  ASSERT_TRUE(at.listener->has_messages(2));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("b", "c"));
  EXPECT_TRUE(at.listener->messages()[0].dup);
  EXPECT_THAT(at.listener->connected(), ElementsAre(true));
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 3; }));
}

TEST_P(AcknowledgementTest, OfEverythingLeavesNothingToRedeliver) {
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, "a\nb\n");
  ASSERT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 2; }));
  at.stop();
  at.start_subscribed(2);
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "c"});
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("c"));
}

// With 3.1.1 Paho hands a QoS 2 message over only when it is told PUBREL: the gate does that.
TEST_P(AcknowledgementTest, OfQos2NeverGoesForWhatWasNotReleasedWhenTheSourceStops) {
  at.subscriptions = {{"plant/#", 2}};
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "2", "-l"}, "a\nb\n");
  ASSERT_TRUE(at.listener->has_messages(2));
  at.source->release(1);
  ASSERT_TRUE(eventually([&] { return at.logged("Received PUBCOMP from gateway-1") == 1; }));
  at.stop();
  EXPECT_EQ(at.logged("Received PUBREC from gateway-1"), 1);

  at.start();
  at.listener->release_at_once(*at.source);
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("b"));
  EXPECT_TRUE(at.listener->messages()[0].dup);
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBCOMP from gateway-1") == 2; }));
}

// --- what only a gate can do
// --------------------------------------------------------------------------------------------

TEST_P(AcknowledgementTest, IsReportedOnceWritten) {
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "0", "-m", "none"});
  at.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, "a\nb\nc\n");
  ASSERT_TRUE(at.listener->has_messages(4));
  EXPECT_THAT(at.listener->acknowledged(), IsEmpty());
  at.source->release(3);
  ASSERT_TRUE(eventually([&] { return at.listener->acknowledged().size() == 2; }));
  EXPECT_THAT(at.listener->acknowledged(), ElementsAre(2, 3));
}

// Paho alone would hand over one message, and wait.
TEST_P(AcknowledgementTest, OfManyMessagesGoesWithOneRelease) {
  constexpr std::size_t kCount = 500;
  SourceFixture wide{GetParam(), {.more = {"--max-inflight", "0"}}};
  wide.start_subscribed();
  std::string lines;
  for (std::size_t i = 0; i < kCount; ++i) lines += std::to_string(i) + "\n";
  wide.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, lines);
  ASSERT_TRUE(wide.listener->has_messages(kCount));
  EXPECT_EQ(wide.logged("Received PUBACK from gateway-1"), 0);
  wide.source->release(kCount);
  EXPECT_TRUE(eventually([&] { return wide.logged("Received PUBACK from gateway-1") == kCount; }));
}

TEST_P(AcknowledgementTest, MayBeHeldForManyKeepAlives) {
  at.options.keep_alive = std::chrono::seconds{1};
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "a"});
  ASSERT_TRUE(at.listener->has_messages(1));
  ASSERT_TRUE(eventually([&] { return at.logged("Received PINGREQ from gateway-1") >= kKeepAlives; }, kKeepAlivesMax));
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "b"});
  ASSERT_TRUE(at.listener->has_messages(2));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("a", "b"));
  EXPECT_THAT(at.listener->disconnected(), IsEmpty());
  EXPECT_EQ(at.logged("Received PUBACK from gateway-1"), 0);
  at.source->release(2);
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 2; }));
}

// The gate reads no more from the broker then, not even its PINGRESP.
TEST_P(AcknowledgementTest, MayBeHeldForManyKeepAlivesAtTheBoundOfUnreleasedMessages) {
  constexpr std::size_t kCount = 100;
  SourceFixture full{GetParam(), {.more = {"--max-inflight", "0"}}};
  full.options.keep_alive = std::chrono::seconds{1};
  full.options.receive_maximum = 10;
  full.start_subscribed();
  std::string lines;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < kCount; ++i) {
    expected.push_back(std::to_string(i));
    lines += expected.back() + "\n";
  }
  full.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, lines);
  ASSERT_TRUE(full.listener->has_messages(10));
  ASSERT_TRUE(
      eventually([&] { return full.logged("Received PINGREQ from gateway-1") >= kKeepAlives; }, kKeepAlivesMax));
  EXPECT_LE(full.listener->messages().size(), 11U);
  EXPECT_THAT(full.listener->disconnected(), IsEmpty());
  full.listener->release_at_once(*full.source);
  ASSERT_TRUE(full.listener->has_messages(kCount));
  EXPECT_EQ(full.listener->payloads(), expected);
}

TEST_P(AcknowledgementTest, ThatWasHeldWhenTheConnectionBrokeBringsTheMessageAgain) {
  SourceFixture kept{GetParam(), {.persistence = true}};
  kept.start_subscribed();
  kept.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, "a\nb\n");
  ASSERT_TRUE(kept.listener->has_messages(2));
  kept.source->release(1);
  ASSERT_TRUE(eventually([&] { return kept.logged("Received PUBACK from gateway-1") == 1; }));
  kept.broker.stop();
  ASSERT_TRUE(kept.listener->has_disconnected(1));
  kept.source->release(2);  // committed while the connection was down
  kept.broker.start();
  ASSERT_TRUE(kept.listener->has_messages(3));
  EXPECT_THAT(kept.listener->payloads(), ElementsAre("a", "b", "b"));
  const auto again = kept.listener->messages()[2];
  EXPECT_TRUE(again.dup);
  EXPECT_EQ(again.connection, 2U);
  EXPECT_EQ(again.packet_id, kept.listener->messages()[1].packet_id);
  kept.source->release(3);
  EXPECT_TRUE(eventually([&] { return kept.logged("Received PUBACK from gateway-1") == 2; }));
  EXPECT_TRUE(eventually([&] { return kept.listener->acknowledged() == std::vector<transport::ArrivalNumber>{1, 3}; }));
}

// Nothing holds QoS 0 back.
TEST_P(AcknowledgementTest, DoesNotBoundQos0SoItIsDroppedAndReported) {
  at.start_subscribed();
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 18; ++i) at.broker.publish({"-t", "plant/camera", "-q", "0", "-s"}, large);
  ASSERT_TRUE(eventually([&] { return at.listener->messages().size() + at.listener->dropped().size() == 18; }));
  EXPECT_EQ(at.listener->messages().size(), 15U);
  EXPECT_EQ(at.listener->dropped(), std::vector<std::string>(3, "plant/camera"));
  at.source->release(15);
  at.broker.publish({"-t", "plant/camera", "-q", "0", "-m", "small"});
  EXPECT_TRUE(at.listener->has_messages(16));
}

}  // namespace
}  // namespace edgeseal::test
