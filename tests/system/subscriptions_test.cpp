// SPDX-License-Identifier: GPL-3.0-or-later
// What the daemon asks a broker for, what it gives up, and what it says when the broker grants less.
#include <chrono>

#include "crypto/primitives/drbg.h"
#include "storage/spool.h"
#include "tests/support/matchers.h"
#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

int count_of(const std::string& text, const std::string& in) {
  int count = 0;
  for (std::size_t at = in.find(text); at != std::string::npos; at = in.find(text, at + 1)) ++count;
  return count;
}

class SubscriptionsTest : public GatewayTest {
 protected:
  explicit SubscriptionsTest(const MosquittoOptions& broker = {.persistence = true}) : GatewayTest(broker) {}

  void configure_topics(const std::string& topics, const std::string& more = {}) {
    configure("200ms", "routes: {telemetry: {topics: [" + topics + "]" + more + "}}\n");
  }
  [[nodiscard]] std::uint64_t counted(const std::string& what) const {
    const json now = status();
    return now.is_null() ? 0 : now["routes"]["telemetry"][what].get<std::uint64_t>();
  }
  /// What the spool remembers of the broker's session; the gateway is stopped.
  [[nodiscard]] std::vector<std::string> remembered() const {
    crypto::Drbg random = crypto::Drbg::create().value();
    storage::SpoolOptions options;
    options.path = folder_ / "spool.db";
    return storage::Spool::open(options, random).value()->subscriptions("source").value();
  }
  [[nodiscard]] int broker_logged(const std::string& text) const { return count_of(text, broker_->log()); }
};

// --- copies

class OverlapTest : public SubscriptionsTest, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Qos, OverlapTest, ::testing::Range(0, 3));

TEST_P(OverlapTest, AMessageThatFitsThreeFiltersIsStoredOnceHoweverOftenItsValueRepeats) {
  const std::string qos = std::to_string(GetParam());
  configure_topics("plant/+/t, plant/7/#, +/7/t", ", qos: " + qos);
  start_gateway();
  const std::vector<std::string> payloads{"20", "20", "20", "21", "20"};
  std::string lines;
  for (const std::string& each : payloads) lines += each + "\n";
  broker_->publish({"-q", qos, "-t", "plant/7/t", "-l"}, lines);
  ASSERT_TRUE(eventually([&] { return counted("copies") == 10 && committed() == 5 && spool_is_empty(); }))
      << status().dump(1);
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(opened_payloads(), payloads);
}

// The routes differ, so that each would get one.
TEST_F(SubscriptionsTest, ACopyForTheFilterOfAnotherRouteIsDroppedToo) {
  configure("200ms", R"(routes:
  telemetry: {topics: ["plant/+/t"]}
  other: {topics: ["plant/7/#"], keys: [owner], sinks: [out]}
)");
  start_gateway();
  publish({"both"}, "plant/7/t");
  publish({"second alone"}, "plant/7/x");
  ASSERT_TRUE(eventually([&] { return committed() == 2 && counted("copies") == 1; })) << status().dump(1);
  EXPECT_EQ(stop_gateway(), 0);
}

/// Another broker may do so by itself; mosquitto 2.0.11 spares a client of MQTT 3.1.1 the copies unless it is told not
/// to.
class LavishBrokerTest : public SubscriptionsTest {
 protected:
  LavishBrokerTest() : SubscriptionsTest({.more = {"--config", "allow_duplicate_messages true"}}) {}
};

TEST_F(LavishBrokerTest, WithMqtt311CopiesAreStored) {
  configure("200ms", "source: {mqtt_version: 3.1.1}\nroutes: {telemetry: {topics: [plant/+/t, plant/7/#]}}\n");
  start_gateway();
  publish({"both"}, "plant/7/t");
  ASSERT_TRUE(eventually([&] { return committed() == 2 && spool_is_empty(); })) << status().dump(1);
  EXPECT_EQ(counted("copies"), 0U);
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_THAT(opened_payloads(), ElementsAre("both", "both"));
}

// What is queued for one process comes to the next, killed before or not, with the identifiers that it was queued with.
TEST_F(SubscriptionsTest, CopiesThatWereQueuedForAnEarlierProcessAreDropped) {
  configure_topics("plant/+/t, plant/7/#");
  start_gateway();
  kill_gateway();
  const auto payloads = numbered(20);
  publish(payloads, "plant/7/t");
  start_gateway();
  ASSERT_TRUE(eventually([&] { return committed() == 20 && spool_is_empty(); })) << status().dump(1);
  EXPECT_EQ(counted("copies"), 20U);
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(opened_payloads(), payloads);
}

// --- giving up

TEST_F(SubscriptionsTest, ATopicThatLeavesTheConfigurationIsGivenUpAndForgotten) {
  configure_topics("plant/#, old/#");
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_THAT(remembered(), ElementsAre("old/#", "plant/#"));
  configure_topics("plant/#");
  start_gateway();
  ASSERT_TRUE(eventually([&] { return broker_logged("Sending UNSUBACK to") == 1; }));
  publish({"unwanted"}, "old/7");
  publish({"wanted"}, "plant/7");
  ASSERT_TRUE(eventually([&] { return committed() == 1; }));
  EXPECT_EQ(status()["unrouted"], 0);
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_THAT(remembered(), ElementsAre("plant/#"));
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(broker_logged("Received UNSUBSCRIBE from"), 1);
}

// --- what the broker grants

class LesserBrokerTest : public SubscriptionsTest {
 protected:
  LesserBrokerTest() : SubscriptionsTest({.persistence = true, .more = {"--config", "max_qos 0"}}) {}
  [[nodiscard]] json granted_less() const {
    const json now = status();
    return now.is_null() ? json() : now["sources"]["source"].value("granted_less", json::array());
  }
  [[nodiscard]] std::string status_text() const {
    return edgeseal({"status", "--socket", (folder_ / "status.sock").string()}).out;
  }
};

TEST_F(LesserBrokerTest, ThatGrantsLessIsShownUntilItIsMended) {
  configure("200ms");
  start_gateway();
  ASSERT_TRUE(eventually([&] { return granted_less().size() == 1; })) << status().dump(1);
  const json less = granted_less()[0];
  EXPECT_EQ(less["what"], "subscription plant/#");
  EXPECT_EQ(less["asked"], "QoS 1");
  EXPECT_EQ(less["granted"], "QoS 0");
  EXPECT_THAT(less["advice"].get<std::string>(), HasSubstr("max_qos"));
  EXPECT_THAT(status_text(), HasSubstr("subscription plant/#: asked QoS 1, granted QoS 0; "));
  EXPECT_EQ(count_of("the broker grants less than was asked", gateway_->output()), 1);
  broker_->stop();
  broker_->configure({});
  broker_->start();
  ASSERT_TRUE(eventually([&] { return granted_less() == json::array(); }, std::chrono::seconds(60)))
      << status().dump(1);
  EXPECT_THAT(status_text(), Not(HasSubstr("asked QoS 1")));
  EXPECT_THAT(gateway_->output(), HasSubstr("as it was asked (QoS 1) again"));
  EXPECT_EQ(stop_gateway(), 0);
}

/// The shortest that mosquitto takes; it ends a connection after one and a half of them.
constexpr std::chrono::seconds kKeepAlive{10};

class ImpatientBrokerTest : public SubscriptionsTest {
 protected:
  ImpatientBrokerTest()
      : SubscriptionsTest({.more = {"--config", "max_keepalive " + std::to_string(kKeepAlive.count())}}) {}
};

TEST_F(ImpatientBrokerTest, StaysConnectedWhileNothingComes) {
  configure("200ms");
  const auto begin = std::chrono::steady_clock::now();
  start_gateway();
  ASSERT_TRUE(eventually(
      [&] {
        return broker_logged("Received PINGREQ from") >= 3 && std::chrono::steady_clock::now() - begin > 2 * kKeepAlive;
      },
      std::chrono::seconds(60)))
      << broker_->log();
  EXPECT_EQ(status()["sources"]["source"]["connected"], true);
  EXPECT_EQ(status()["sources"]["source"]["connections"], 1);
  EXPECT_EQ(stop_gateway(), 0);
}

}  // namespace
}  // namespace edgeseal::test
