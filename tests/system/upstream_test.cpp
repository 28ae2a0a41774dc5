// SPDX-License-Identifier: GPL-3.0-or-later
// What is lost before the promise begins is told to the owner all the same.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class UpstreamTest : public GatewayTest {
 protected:
  explicit UpstreamTest(const MosquittoOptions& broker = {}) : GatewayTest(broker) {}

  [[nodiscard]] std::uint64_t lost(const std::string& reason) const {
    const json now = status();
    return now.is_null() ? 0 : now["routes"]["telemetry"]["lost"].value(reason, std::uint64_t{0});
  }
  [[nodiscard]] bool told_of(const std::string& reason) const {
    const json now = status();
    return !now.is_null() && now["routes"]["telemetry"]["lost"].contains(reason);
  }
  /// What edgeseal-open says on standard error.
  [[nodiscard]] std::string report() const {
    return open({"--private-key", key("rsa-2048.private.pem"), "--verify", (folder_ / "out").string()}).err;
  }
};

/// Queues ten messages for a client that is away, and says every second what it has dropped.
class ForgetfulBrokerTest : public UpstreamTest {
 protected:
  ForgetfulBrokerTest() : UpstreamTest({.more = {"--max-queued", "10", "--config", "sys_interval 1"}}) {}
};

TEST_F(ForgetfulBrokerTest, WhatTheBrokerDroppedWhileNobodyRanIsCountedAndTold) {
  configure("200ms");
  start_gateway();
  publish({"before"});
  ASSERT_TRUE(eventually([&] { return committed() == 1; }));
  EXPECT_EQ(stop_gateway(), 0);
  publish(numbered(200));
  start_gateway();
  ASSERT_TRUE(eventually([&] { return told_of("broker_dropped"); })) << status().dump(1);
  // Its count may be a second behind.
  ASSERT_TRUE(eventually([&] { return lost("broker_dropped") + committed() == 200; })) << status().dump(1);
  publish({"after"});
  ASSERT_TRUE(eventually([&] { return lost("broker_dropped") + committed() == 201 && spool_is_empty(); }));
  const std::uint64_t dropped = lost("broker_dropped");
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_THAT(opened_payloads(), SizeIs(202 - dropped));
  EXPECT_THAT(report(), HasSubstr(std::to_string(dropped) + " records lost before it"));
}

TEST_F(UpstreamTest, ASessionThatTheBrokerForgotIsTold) {
  configure("200ms");
  start_gateway();
  publish({"before"});
  ASSERT_TRUE(eventually([&] { return committed() == 1; }));
  broker_->stop();
  broker_->start();  // it keeps nothing over a restart
  ASSERT_TRUE(eventually([&] { return told_of("session_lost"); })) << gateway_->output();
  publish({"after"});
  ASSERT_TRUE(eventually([&] { return committed() == 2 && spool_is_empty(); }));
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_THAT(report(), HasSubstr("an unknown number of records lost before it"));
  EXPECT_THAT(report(), HasSubstr("session_lost"));
}

class LargePacketTest : public UpstreamTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(LargePacketTest, IsNoPoisonAndIsToldIfItCame) {
  const std::string version = GetParam();
  configure("200ms", "source: {max_packet: 64KiB, mqtt_version: " + version + "}\n");
  start_gateway();
  publish({"before"});
  broker_->publish({"-q", "1", "-t", "plant/7/telemetry", "-s"}, std::string(200'000, 'x'));
  publish({"after"});
  ASSERT_TRUE(eventually([&] { return committed() == 2 && spool_is_empty(); })) << status().dump(1);
  // A broker that speaks MQTT 5 knows the limit and keeps what is larger to itself.
  EXPECT_EQ(lost("too_large"), version == "3.1.1" ? 1U : 0U);
  kill_gateway();
  start_gateway();
  publish({"the last one"});
  ASSERT_TRUE(eventually([&] { return committed() == 1 && spool_is_empty(); }));
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_THAT(opened_payloads(), Contains("the last one"));
  EXPECT_THAT(opened_payloads(), SizeIs(3));
  if (version == "3.1.1") {
    EXPECT_THAT(report(), HasSubstr("1 records lost before it"));
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, LargePacketTest, ::testing::Values("5", "3.1.1"),
                         [](const auto& version) { return version.index == 0 ? "Mqtt5" : "Mqtt311"; });

/// Takes connections, and never says a word.
class SilentBroker {
 public:
  SilentBroker() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, generic, length) != 0 || ::listen(socket_, 16) != 0 ||
        ::getsockname(socket_, generic, &length) != 0) {
      throw std::runtime_error("no silent broker");
    }
    url_ = "mqtt://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentBroker() { ::close(socket_); }
  SilentBroker(const SilentBroker&) = delete;
  SilentBroker& operator=(const SilentBroker&) = delete;
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

TEST_F(UpstreamTest, ASourceThatSaysNothingLeavesTheOthersAlone) {
  const SilentBroker silent;
  configure("200ms", "source: null\nsources: {plant: {url: \"" + broker_->url() + "\"}, silent: {url: \"" +
                         silent.url() +
                         "\"}}\n"
                         "routes: {telemetry: {source: plant}, "
                         "other: {source: silent, topics: [x], keys: [owner], sinks: [out]}}\n");
  start_gateway();
  const auto payloads = numbered(500);
  publish(payloads);
  ASSERT_TRUE(eventually([&] { return committed() == 500 && spool_is_empty(); })) << status().dump(1);
  EXPECT_EQ(status()["sources"]["silent"]["connected"], false);
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(opened_payloads(), payloads);
}

/// The settings that we ship for the broker.
MosquittoOptions shipped_settings() {
  MosquittoOptions options{.persistence = true};
  std::istringstream file(read_file(test::source_dir() + "/systemd/mosquitto/edgeseal.conf"));
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') options.more.insert(options.more.end(), {"--config", line});
  }
  return options;
}

class ShippedBrokerTest : public UpstreamTest {
 protected:
  ShippedBrokerTest() : UpstreamTest(shipped_settings()) {}
};

TEST_F(ShippedBrokerTest, KeepsWhatComesWhileNobodyRunsAndOverARestartOfItsOwn) {
  configure("200ms");
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  const auto payloads = numbered(5000);
  publish(payloads);
  broker_->stop();
  broker_->start();
  start_gateway();
  ASSERT_TRUE(eventually([&] { return committed() == 5000 && spool_is_empty(); }, std::chrono::seconds(60)));
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(opened_payloads(), payloads);
}

}  // namespace
}  // namespace edgeseal::test
