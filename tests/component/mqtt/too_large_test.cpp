// SPDX-License-Identifier: GPL-3.0-or-later
// Packets of more bytes than the source takes, through a real broker.
#include "tests/component/mqtt/source_fixture.h"

namespace edgeseal::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using transport::MqttVersion;

constexpr std::uint32_t kPacketBytesMax = 64 * 1024;
constexpr std::size_t kLargeBytes = std::size_t{100} * 1024;
constexpr int kInFlightMax = 20;  // mosquitto's own

// The broker knows the limit (Maximum Packet Size) and discards what is larger by itself: MQTT 5.0 [MQTT-3.1.2-25].
// More of them than it may have in flight: each must give its place back.
TEST(Mqtt5TooLargeTest, IsDiscardedByTheBroker) {
  std::string large;
  for (int i = 0; i < kInFlightMax + 1; ++i) large += std::string(kLargeBytes, 'x') + "\n";
  for (const char* qos : {"1", "2"}) {
    SourceFixture at{MqttVersion::v5};
    at.options.packet_bytes_max = kPacketBytesMax;
    at.subscriptions = {{"plant/#", 2}};
    at.start_subscribed();
    at.stop();
    at.broker.publish({"-t", "plant/7", "-q", qos, "-l"}, "before\n" + large + "after\n");
    at.start();
    at.listener->release_at_once(*at.source);
    at.broker.publish({"-t", "plant/7", "-q", qos, "-l"}, large + "later\n");
    ASSERT_TRUE(at.listener->has_messages(3));
    EXPECT_THAT(at.listener->payloads(), ElementsAre("before", "after", "later"));
    EXPECT_THAT(at.listener->disconnected(), IsEmpty());
    at.stop();

    at.start();
    at.listener->release_at_once(*at.source);
    at.broker.publish({"-t", "plant/7", "-q", qos, "-m", "again"});
    ASSERT_TRUE(at.listener->has_messages(1));
    EXPECT_THAT(at.listener->payloads(), ElementsAre("again"));
    EXPECT_THAT(at.listener->disconnected(), IsEmpty());
  }
}

}  // namespace
}  // namespace edgeseal::test
