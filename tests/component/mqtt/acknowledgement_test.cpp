// SPDX-License-Identifier: GPL-3.0-or-later
// A message is acknowledged when it is released, and stays with the broker until then.
#include "tests/component/mqtt/source_fixture.h"

namespace edgeseal::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using transport::MqttVersion;

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
  at.source->release(3);
  at.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, "a\nb\nc\n");
  ASSERT_TRUE(at.listener->has_messages(3));
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 3; }));
}

TEST_P(AcknowledgementTest, NeverGoesForWhatWasNotReleasedWhenTheSourceStops) {
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, "a\nb\nc\n");
  ASSERT_TRUE(at.listener->has_messages(1));
  at.source->release(1);
  ASSERT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 1; }));
  ASSERT_TRUE(at.listener->has_messages(2));
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

TEST(Qos2AcknowledgementTest, NeverGoesForWhatWasNotReleasedWhenTheSourceStops) {
  SourceFixture at;
  at.subscriptions = {{"plant/#", 2}};
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "2", "-m", "a"});
  ASSERT_TRUE(at.listener->has_messages(1));
  at.stop();
  EXPECT_EQ(at.logged("Received PUBREC from gateway-1"), 0);

  at.start();
  at.listener->release_at_once(*at.source);
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("a"));
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBCOMP from gateway-1") == 1; }));
}

}  // namespace
}  // namespace edgeseal::test
