// SPDX-License-Identifier: GPL-3.0-or-later
// Disks that are full, fail or may not be written, under the whole program.
#include <csignal>
#include <regex>
#include <set>

#include "tests/support/matchers.h"
#include "tests/support/random.h"
#include "tests/support/small_disk.h"
#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

constexpr std::size_t kTwiceTheDisk = 1600;  ///< large payloads

/// Spool on a disk of its own, sink on a medium that is not there until `insert_stick`.
class DiskFaultTest : public GatewayTest {
 protected:
  DiskFaultTest() : GatewayTest(patient_broker()) {}
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "this needs to mount a small tmpfs, which only root may";
  }
  void configure_spool(const std::string& when_full) {
    configure("200ms",
              "routes: {telemetry: {compression: none, batch: {max_bytes: 256KiB}}}\n"
              "spool: {path: disk/spool.db, min_free: 0B, when_full: " +
                  when_full +
                  "}\n"
                  "sinks: {out: {type: directory, path: stick/out}}\n");
  }
  void insert_stick() const { std::filesystem::create_directories(folder_ / "stick/out"); }
  [[nodiscard]] bool is_on_the_stick(const std::string& payload) const {
    const Finished opened =
        open({"--private-key", key("rsa-2048.private.pem"), "--format", "payload", (folder_ / "stick/out").string()});
    return opened.out.find(payload) != std::string::npos;
  }
  /// Waits until everything that can be delivered is, stops, and moves it to where `opened` looks.
  void drain_and_stop() {
    EXPECT_TRUE(eventually([&] { return spool_is_empty(); }, std::chrono::seconds(60))) << status().dump(1);
    EXPECT_EQ(stop_gateway(), 0);
    std::filesystem::rename(folder_ / "stick/out", folder_ / "out/late");
  }
  /// Payloads of 20 kB that no compression makes smaller.
  [[nodiscard]] std::vector<std::string> large(std::size_t count) {
    std::vector<std::string> payloads;
    for (std::size_t i = 0; i < count; ++i) {
      Bytes bytes(10'000);
      EXPECT_THAT(random_.fill(bytes), IsOk());
      payloads.push_back(to_hex(bytes));
    }
    return payloads;
  }
  [[nodiscard]] std::string last_error_of_spool() const {
    const json now = status();
    return now.is_null() ? "" : now["spool"]["last_error"].get<std::string>();
  }

  SmallDisk disk_{folder_ / "disk", "16m"};
  SeededRandom random_{1};
};

/// The sum of what edgeseal-open says was lost.
std::uint64_t records_reported_lost(const std::string& said) {
  const std::regex loss(R"((\d+) records lost with batch)");
  std::uint64_t records = 0;
  for (std::sregex_iterator each(said.begin(), said.end(), loss), end; each != end; ++each) {
    records += std::stoull((*each)[1]);
  }
  return records;
}

TEST_F(DiskFaultTest, AFullDiskDropsTheOldestAndTheOwnerLearnsExactlyWhat) {
  configure_spool("drop-oldest");
  start_gateway();
  const auto payloads = large(kTwiceTheDisk);
  publish(payloads);
  ASSERT_TRUE(eventually([&] { return committed() == kTwiceTheDisk; }, std::chrono::seconds(60))) << committed();
  insert_stick();
  publish({"the last one"});
  ASSERT_TRUE(eventually([&] { return committed() == kTwiceTheDisk + 1; }));
  drain_and_stop();
  const auto arrived = opened_payloads();
  const std::set<std::string> known(payloads.begin(), payloads.end());
  for (const std::string& each : arrived) EXPECT_TRUE(each == "the last one" || known.contains(each));
  const Finished verified =
      open({"--private-key", key("rsa-2048.private.pem"), "--verify", (folder_ / "out").string()});
  EXPECT_GT(records_reported_lost(verified.err), kTwiceTheDisk / 4);
  EXPECT_EQ(arrived.size() + records_reported_lost(verified.err), kTwiceTheDisk + 1);
}

TEST_F(DiskFaultTest, AFullDiskThatBlocksHoldsAcknowledgementsAndLosesNothing) {
  configure_spool("block");
  start_gateway();
  const auto payloads = large(kTwiceTheDisk);
  publish(payloads);
  ASSERT_TRUE(
      eventually([&] { return last_error_of_spool().find("no room") != std::string::npos; }, std::chrono::seconds(60)))
      << status().dump(1);
  EXPECT_LT(committed(), kTwiceTheDisk);
  EXPECT_THAT(gateway_->output(), HasSubstr("acknowledgements are held"));
  insert_stick();
  ASSERT_TRUE(eventually([&] { return committed() == kTwiceTheDisk; }, std::chrono::seconds(60))) << status().dump(1);
  drain_and_stop();
  EXPECT_EQ(opened_payloads(), payloads);
}

TEST_F(DiskFaultTest, AStopWhileAcknowledgementsAreHeldIsInOrderAndLosesNothing) {
  configure_spool("block");
  start_gateway();
  const auto payloads = large(kTwiceTheDisk);
  publish(payloads);
  ASSERT_TRUE(
      eventually([&] { return last_error_of_spool().find("no room") != std::string::npos; }, std::chrono::seconds(60)));
  EXPECT_EQ(stop_gateway(), 0);
  insert_stick();
  start_gateway();
  publish({"the last one"});
  // The broker gives its messages in order. An empty spool alone says little: it may be empty between two batches.
  ASSERT_TRUE(eventually(
      [&] {
        const json now = status();
        return !now.is_null() && now["routes"]["telemetry"]["received"].get<int>() > 0 && spool_is_empty() &&
               is_on_the_stick("the last one");
      },
      std::chrono::seconds(60)));
  drain_and_stop();
  const auto arrived = opened_payloads();
  std::set<std::string> once(arrived.begin(), arrived.end());
  EXPECT_EQ(once.size(), kTwiceTheDisk + 1);
}

TEST_F(DiskFaultTest, AFullDiskAtTheFirstStartEndsWithOneClearLine) {
  configure_spool("drop-oldest");
  disk_.fill();
  const Finished ended = run_gateway_to_its_end();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("the disk is full"), HasSubstr("spool.db")));
  disk_.empty();
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
}

// The journal of the killed process cannot be promoted, so nothing new is taken; but nothing is lost either.
TEST_F(DiskFaultTest, AFullDiskAfterAKillWaitsForRoomAndLosesNothing) {
  configure_spool("block");
  insert_stick();
  start_gateway();
  const auto payloads = numbered(100);
  publish(payloads);
  ASSERT_TRUE(eventually([&] { return committed() == 100; }));
  kill_gateway();
  disk_.fill();
  start_gateway();
  publish({"the last one"});
  disk_.empty();
  ASSERT_TRUE(eventually([&] { return committed() == 1; })) << status().dump(1);
  drain_and_stop();
  auto arrived = opened_payloads();
  const std::set<std::string> once(arrived.begin(), arrived.end());
  EXPECT_EQ(once.size(), 101U);
}

TEST_F(DiskFaultTest, AReadOnlyDiskEndsTheStartWithOneClearLineAndIsTriedAgain) {
  configure_spool("drop-oldest");
  insert_stick();
  start_gateway();
  publish({"before"});
  ASSERT_TRUE(eventually([&] { return committed() == 1; }));
  EXPECT_EQ(stop_gateway(), 0);
  ASSERT_TRUE(disk_.set_read_only(true));
  const Finished ended = run_gateway_to_its_end();
  EXPECT_EQ(ended.status, 1) << "78 would keep systemd from trying again";
  EXPECT_THAT(ended.err, HasSubstr("ead-only"));
  ASSERT_TRUE(disk_.set_read_only(false));
  start_gateway();
  publish({"after"});
  ASSERT_TRUE(eventually([&] { return committed() == 1; }));
  drain_and_stop();
  EXPECT_THAT(opened_payloads(), UnorderedElementsAreArray({"before", "after"}));
}

/// strace on the running gateway, which makes one system call of every thread fail from now on.
class FailingCall {
 public:
  FailingCall(pid_t pid, const std::string& call, const std::string& error, const TempDir& folder)
      : strace_({"strace", "-f", "-o", "/dev/null", "-p", std::to_string(pid), "-e", "trace=" + call, "-e",
                 "inject=" + call + ":error=" + error},
                (folder / "strace.out").string()) {}
  [[nodiscard]] bool attached() {
    return eventually([&] { return strace_.output().find("attached") != std::string::npos; });
  }

 private:
  Process strace_;
};

class IoErrorTest : public DiskFaultTest, public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(IoErrorTest, EndsWithOneClearLineAndTheNextStartHasEverything) {
  const auto [call, error] = GetParam();
  configure_spool("drop-oldest");
  insert_stick();
  start_gateway();
  auto payloads = numbered(50, "before");
  publish(payloads);
  ASSERT_TRUE(eventually([&] { return committed() == 50; }));
  {
    FailingCall failing(gateway_->pid(), call, error, folder_);
    if (!failing.attached()) GTEST_SKIP() << "this needs strace, and leave to trace";
    const auto more = numbered(50, "after");
    payloads.insert(payloads.end(), more.begin(), more.end());
    publish(more);
    EXPECT_EQ(gateway_->wait(std::chrono::seconds(20)), 1);
  }
  EXPECT_THAT(gateway_->output(), AllOf(HasSubstr("the disk failed"), HasSubstr("spool.db")));
  start_gateway();
  publish({"the last one"});
  ASSERT_TRUE(eventually([&] {
    const auto arrived = committed();
    return arrived >= 1 && spool_is_empty();
  }));
  drain_and_stop();
  const auto arrived = opened_payloads();
  std::set<std::string> once(arrived.begin(), arrived.end());
  once.erase("the last one");
  EXPECT_EQ(once, std::set<std::string>(payloads.begin(), payloads.end()));
}

std::string fault_name(const ::testing::TestParamInfo<std::pair<const char*, const char*>>& fault) {
  return std::string(fault.param.first) + fault.param.second;
}

INSTANTIATE_TEST_SUITE_P(DiskFault, IoErrorTest,
                         ::testing::Values(std::pair{"fdatasync", "EIO"}, std::pair{"pwrite64", "EIO"},
                                           std::pair{"pwrite64", "EROFS"}),
                         fault_name);

}  // namespace
}  // namespace edgeseal::test
