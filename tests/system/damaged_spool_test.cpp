// SPDX-License-Identifier: GPL-3.0-or-later
// A spool that somebody or something has written over, cut off, or taken away.
#include <fstream>
#include <random>
#include <set>

#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

class DamagedSpoolTest : public GatewayTest {
 protected:
  DamagedSpoolTest() : GatewayTest(patient_broker()) {}

  /// A spool with some fifteen batches that no sink has taken, and the journal of an open one, as kill -9 leaves it.
  void fill_spool() {
    configure("50ms", "routes: {telemetry: {compression: none}}\nsinks: {out: {type: directory, path: stick/out}}\n");
    start_gateway();
    for (int round = 0; round < 15; ++round) {
      const auto payloads = numbered(20, std::to_string(round));
      publish(payloads);
      published_.insert(payloads.begin(), payloads.end());
    }
    ASSERT_TRUE(eventually([&] { return committed() == published_.size(); }));
    kill_gateway();
  }

  [[nodiscard]] fs::path spool() const { return folder_ / "spool.db"; }
  [[nodiscard]] fs::path wal() const { return folder_ / "spool.db-wal"; }

  static void overwrite(const fs::path& path, std::uint64_t offset, const std::string& bytes) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(file.good());
  }

  /// Starts on what is there, lets one more message pass, delivers all; then every payload is either here or told of.
  void expect_it_goes_on() {
    fs::create_directories(folder_ / "stick/out");
    start_gateway();
    const std::uint64_t before = committed();
    publish({"the last one"});
    ASSERT_TRUE(eventually([&] { return committed() > before || restarted(); }));
    ASSERT_TRUE(eventually([&] { return spool_is_empty(); }, std::chrono::seconds(60))) << status().dump(1);
    EXPECT_EQ(stop_gateway(), 0);

    const Finished done = open({"--private-key", key("rsa-2048.private.pem"), (folder_ / "stick/out").string()});
    EXPECT_EQ(done.status, 0) << done.err;
    std::set<std::string> arrived;
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) arrived.insert(nlohmann::json::parse(line).at("payload"));
    EXPECT_TRUE(arrived.contains("the last one"));
    arrived.erase("the last one");
    for (const std::string& each : arrived) EXPECT_TRUE(published_.contains(each)) << "invented: " << each;
    lost_ = published_.size() - arrived.size();
    if (lost_ > 0) {
      EXPECT_THAT(done.err, AnyOf(HasSubstr("damaged"), HasSubstr("wal_lost")))
          << lost_ << " are gone and nobody says so";
    }
  }
  /// A salvage while it runs begins its counts anew.
  [[nodiscard]] bool restarted() const { return gateway_->output().find("salvag") != std::string::npos; }

  std::set<std::string> published_;
  std::size_t lost_ = 0;
};

class RandomDamageTest : public DamagedSpoolTest, public ::testing::WithParamInterface<unsigned> {};

TEST_P(RandomDamageTest, TheDaemonGoesOnAndWhatIsLostIsTold) {
  ASSERT_NO_FATAL_FAILURE(fill_spool());
  std::mt19937 random(GetParam());
  // Before SQLite sees it again: half of the damages hit the log, half the file behind it.
  const fs::path victim = GetParam() % 2 == 0 ? spool() : wal();
  const std::uint64_t size = fs::file_size(victim);
  ASSERT_GT(size, 0U);
  const unsigned places = 1 + random() % 8;
  for (unsigned i = 0; i < places; ++i) {
    std::string bytes(1 + random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    overwrite(victim, random() % (size - std::min<std::uint64_t>(size, bytes.size())), bytes);
  }
  expect_it_goes_on();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDamageTest, ::testing::Range(1U, 9U));

TEST_F(DamagedSpoolTest, ATruncatedFileIsSetAsideAndWhatVerifiesGoesOn) {
  ASSERT_NO_FATAL_FAILURE(fill_spool());
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);                              // so that all is in the file, and none in the log
  fs::resize_file(spool(), fs::file_size(spool()) / 4 * 3);  // in the midst of the batches: tables begin before them
  expect_it_goes_on();
  EXPECT_GT(lost_, 0U);
  EXPECT_LT(lost_, published_.size());
  EXPECT_TRUE(fs::exists(folder_ / "spool.db.damaged"));
  EXPECT_THAT(gateway_->output(), HasSubstr("spool.db.damaged"));
}

TEST_F(DamagedSpoolTest, ADestroyedHeaderCostsNothing) {
  ASSERT_NO_FATAL_FAILURE(fill_spool());
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  overwrite(spool(), 0, std::string(100, '\xff'));
  expect_it_goes_on();
  EXPECT_EQ(lost_, 0U);
}

TEST_F(DamagedSpoolTest, ALostLogIsNoticedAndTold) {
  ASSERT_NO_FATAL_FAILURE(fill_spool());
  fs::remove(wal());
  expect_it_goes_on();
}

// A large spool takes long, and the service manager kills what does not stop.
TEST_F(DamagedSpoolTest, AStopWhileItSalvagesIsTheEndAtOnceAndCostsNothing) {
  if (run({"strace", "true"}).status != 0) GTEST_SKIP() << "this needs strace, and leave to trace";
  ASSERT_NO_FATAL_FAILURE(fill_spool());
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  overwrite(spool(), 0, std::string(100, '\xff'));
  for (const char* signal_that_stops : {"SIGTERM", "SIGINT"}) {
    SCOPED_TRACE(signal_that_stops);
    launch_gateway({}, {"strace", "-D", "-f", "-qq", "-o", (folder_ / "trace").string(), "-e", "trace=pread64", "-e",
                        "inject=pread64:delay_enter=1s"});
    ASSERT_TRUE(eventually([&] { return restarted(); }));
    gateway_->signal(std::string_view(signal_that_stops) == "SIGTERM" ? SIGTERM : SIGINT);
    EXPECT_EQ(gateway_->wait(std::chrono::seconds(5)), 0);
    EXPECT_THAT(gateway_->output(), HasSubstr(std::string(signal_that_stops) + ": ended while starting"));
  }
  expect_it_goes_on();
  EXPECT_EQ(lost_, 0U);
}

TEST_F(DamagedSpoolTest, ASpoolOfANewerVersionIsRefusedAndLeftAlone) {
  ASSERT_NO_FATAL_FAILURE(fill_spool());
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  ASSERT_EQ(run({"sqlite3", spool().string(), "PRAGMA user_version = 99"}).status, 0);
  const std::string before = read_file(spool());
  const Finished ended = run_gateway_to_its_end();
  EXPECT_EQ(ended.status, 78);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("format 99"), HasSubstr("newer"), HasSubstr("spool.db")));
  EXPECT_EQ(read_file(spool()), before);
  EXPECT_FALSE(fs::exists(folder_ / "spool.db.damaged"));
}

}  // namespace
}  // namespace edgeseal::test
