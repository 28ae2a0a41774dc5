// SPDX-License-Identifier: GPL-3.0-or-later
// kill -9 at random instants, two hundred times, while a sensor goes on.
#include <atomic>
#include <csignal>
#include <map>
#include <random>
#include <thread>

#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

constexpr int kKills = 200;
constexpr int kChunk = 100;
constexpr std::chrono::milliseconds kPause{20};
constexpr int kLifeMsMax = 400;  ///< some die while they start, some in the middle of everything

class KillTest : public GatewayTest {
 protected:
  KillTest() : GatewayTest(patient_broker()) {}
};

TEST_F(KillTest, TwoHundredTimesNothingIsLostAndNothingInvented) {
  configure("300ms");
  std::atomic<bool> stop = false;
  std::vector<std::string> sent;
  start_gateway();  // so that the broker has a session to keep
  std::thread sensor([&] {
    for (int chunk = 0; !stop; ++chunk) {
      const auto payloads = numbered(kChunk, std::to_string(chunk));
      publish(payloads);
      sent.insert(sent.end(), payloads.begin(), payloads.end());
      std::this_thread::sleep_for(kPause);
    }
  });
  std::mt19937 random(20261126);
  for (int kill = 0; kill < kKills; ++kill) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % kLifeMsMax));
    kill_gateway();
    launch_gateway();
  }
  stop = true;
  sensor.join();
  publish({"the last one"});
  start_gateway();  // after one more kill
  ASSERT_TRUE(eventually(
      [&, before = std::uint64_t{0}]() mutable {
        const std::uint64_t now = committed();
        const bool settled = now == before && spool_is_empty();
        before = now;
        return settled;
      },
      std::chrono::seconds(120)))
      << status().dump(1);
  EXPECT_EQ(stop_gateway(), 0);

  std::map<std::string, std::pair<std::size_t, std::size_t>> seen;  // how often, and how often without DUP
  for (const auto& record : opened()) {
    auto& [times, plain] = seen[record.at("payload")];
    ++times;
    if (!record.at("dup").get<bool>()) ++plain;
  }
  sent.emplace_back("the last one");
  std::size_t lost = 0;
  for (const std::string& payload : sent) lost += seen.contains(payload) ? 0U : 1U;
  EXPECT_EQ(lost, 0U) << "of " << sent.size();
  EXPECT_EQ(seen.size(), sent.size()) << "nothing was invented";
  for (const auto& [payload, counts] : seen) EXPECT_LE(counts.second, 1U) << payload << ": what repeats is flagged";
  std::cout << kKills << " kills, " << sent.size() << " payloads, " << lost << " lost" << std::endl;
}

}  // namespace
}  // namespace edgeseal::test
