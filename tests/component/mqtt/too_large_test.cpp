// SPDX-License-Identifier: GPL-3.0-or-later
// Packets of more bytes than the source takes, through a real broker.
#include <filesystem>
#include <fstream>

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
    EXPECT_THAT(at.listener->too_large(), IsEmpty());
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

/// The most memory that this process has used so far.
std::size_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(line.find_first_of("0123456789")));
  }
  return 0;
}

// A broker of 3.1.1 is told no limit.
TEST(Mqtt311TooLargeTest, IsSkippedReportedAndAcknowledgedInItsPlace) {
  constexpr std::size_t kHugeBytes = std::size_t{64} << 20;
  constexpr std::size_t kPeakKibMax = 8 * 1024;
  SourceFixture at{MqttVersion::v3_1_1};
  const TempDir files;
  const std::string huge = files.write("huge", "").string();
  std::filesystem::resize_file(huge, kHugeBytes);
  at.options.packet_bytes_max = kPacketBytesMax;
  at.subscriptions = {{"plant/#", 2}};
  at.start_subscribed();
  const std::size_t before_kib = peak_kib();
  std::uint64_t number = 0;
  std::vector<std::string> payloads;
  std::vector<std::string> too_large;
  for (const char* qos : {"1", "2"}) {
    for (const bool small : {true, false, true}) {
      ++number;
      at.broker.publish({"-t", "plant/7", "-q", qos, small ? "-m" : "-f", small ? "small" : huge});
      if (small) payloads.emplace_back("small");
      if (!small) too_large.push_back(std::to_string(number) + " plant/7 " + std::to_string(kHugeBytes + 16));
    }
  }
  ASSERT_TRUE(at.listener->has_messages(4));
  EXPECT_EQ(at.listener->payloads(), payloads);
  EXPECT_EQ(at.listener->too_large(), too_large);
  EXPECT_LT(peak_kib() - before_kib, kPeakKibMax);
  EXPECT_THAT(at.listener->acknowledged(), IsEmpty());

  at.source->release(number);
  ASSERT_TRUE(eventually([&] { return at.listener->acknowledged().size() == number; }));
  ASSERT_TRUE(eventually([&] { return at.logged("Received PUBCOMP from gateway-1") == 3; }));
  EXPECT_EQ(at.logged("Received PUBACK from gateway-1"), 3);
  at.stop();
  at.start();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "again"});
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("again"));
  EXPECT_THAT(at.listener->too_large(), IsEmpty());
}

TEST(Mqtt311TooLargeTest, ComesAgainUntilItIsReleased) {
  SourceFixture at{MqttVersion::v3_1_1};
  at.options.packet_bytes_max = kPacketBytesMax;
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-s"}, std::string(kLargeBytes, 'x'));
  const std::string expected = "1 plant/7 " + std::to_string(kLargeBytes + 15);
  ASSERT_TRUE(eventually([&] { return !at.listener->too_large().empty(); }));
  EXPECT_THAT(at.listener->too_large(), ElementsAre(expected));
  at.stop();
  at.start();
  ASSERT_TRUE(eventually([&] { return !at.listener->too_large().empty(); }));
  EXPECT_THAT(at.listener->too_large(), ElementsAre(expected));
  EXPECT_EQ(at.logged("Received PUBACK from gateway-1"), 0);
  at.source->release(1);
  EXPECT_TRUE(eventually([&] { return at.logged("Received PUBACK from gateway-1") == 1; }));
}

TEST(Mqtt311TooLargeTest, IsDroppedAndReportedIfNothingAcknowledgesIt) {
  SourceFixture at{MqttVersion::v3_1_1};
  at.options.packet_bytes_max = kPacketBytesMax;
  at.start_subscribed();
  at.broker.publish({"-t", "plant/camera", "-q", "0", "-s"}, std::string(kLargeBytes, 'x'));
  at.broker.publish({"-t", "plant/camera", "-q", "0", "-m", "small"});
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("small"));
  EXPECT_THAT(at.listener->dropped(), ElementsAre("plant/camera"));
  EXPECT_THAT(at.listener->numbers(), ElementsAre(1));
}

}  // namespace
}  // namespace edgeseal::test
