// SPDX-License-Identifier: GPL-3.0-or-later
// What the broker says about messages that it has dropped.
#include "transport/ingest/drop_count.h"

#include "tests/component/mqtt/source_fixture.h"

namespace edgeseal::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using transport::kDropCountTopic;
using transport::MqttVersion;

class DropCountTest : public testing::TestWithParam<MqttVersion> {
 protected:
  bool told(std::size_t times) {
    return eventually([&] { return at.listener->broker_dropped().size() >= times; });
  }
  SourceFixture at{GetParam(), {.more = {"--max-queued", "5", "--config", "sys_interval 1"}}};
};
INSTANTIATE_TEST_SUITE_P(Versions, DropCountTest, testing::Values(MqttVersion::v5, MqttVersion::v3_1_1), version_name);

TEST_P(DropCountTest, IsToldOnEachConnectionAndWhenItChanges) {
  constexpr std::size_t kSent = 40;
  at.start_subscribed();
  ASSERT_TRUE(told(1));
  EXPECT_THAT(at.listener->broker_dropped(), ElementsAre(0));
  at.stop();

  std::string lines;
  for (std::size_t i = 0; i < kSent; ++i) lines += std::to_string(i) + "\n";
  at.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, lines);
  at.start();
  at.listener->release_at_once(*at.source);
  const auto accounted_for = [&] {
    const auto counts = at.listener->broker_dropped();
    return !counts.empty() && counts.back() + at.listener->messages().size() == kSent;
  };
  ASSERT_TRUE(eventually(accounted_for));
  const std::uint64_t dropped = at.listener->broker_dropped().back();
  EXPECT_GT(dropped, 0U);
  at.stop();

  at.start();  // the session is kept, and nothing is dropped meanwhile
  ASSERT_TRUE(told(1));
  EXPECT_THAT(at.listener->broker_dropped(), ElementsAre(dropped));
  EXPECT_THAT(at.listener->messages(), IsEmpty());
}

TEST_P(DropCountTest, IsToldAndHandedOnIfAFilterAsksForIt) {
  for (const char* filter : {kDropCountTopic, "$SYS/broker/publish/#"}) {
    at.subscriptions = {{filter, 1}};
    at.options.client_id = filter == kDropCountTopic ? "gateway-1" : "gateway-2";
    at.start();
    ASSERT_TRUE(told(1)) << filter;
    ASSERT_TRUE(eventually([&] {
      const auto messages = at.listener->messages();
      return std::ranges::count(messages, kDropCountTopic, &transport::Message::topic) == 1;
    })) << filter;
    at.stop();
  }
}

// The count was configured once, and is our own business now.
TEST_P(DropCountTest, IsStillToldWhenItsFilterIsNoLongerConfigured) {
  at.start_subscribed();
  at.stop();  // of a session that the broker has not kept nothing would be given up
  at.start({kDropCountTopic, "old/#"});
  ASSERT_TRUE(eventually([&] { return at.logged("Sending UNSUBACK to gateway-1") == 1; }));
  ASSERT_TRUE(told(1));
  EXPECT_THAT(at.listener->messages(), IsEmpty());
}

// A filter that brings it took the place of our own: it must not come twice.
TEST_P(DropCountTest, IsNotAskedForTwiceInOneSession) {
  at.start_subscribed();
  ASSERT_TRUE(told(1));
  at.stop();
  at.subscriptions = {{"$SYS/broker/publish/#", 1}};
  at.start();
  EXPECT_TRUE(eventually([&] { return at.logged("Sending UNSUBACK to gateway-1") == 1; }));
  EXPECT_EQ(at.logged("Received UNSUBSCRIBE from gateway-1"), 1);
}

}  // namespace
}  // namespace edgeseal::test
