// SPDX-License-Identifier: GPL-3.0-or-later
// The service as it ships: a real systemd, the unit's own sandbox, the broker's example configuration.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kSource = test::source_dir();
const std::string kUnit = kSource + "/systemd/units/edgeseal.service";
constexpr int kCannotBoot = 77;

constexpr const char* kConfiguration = R"(version: 1
gateway: truck-017
source: {url: "mqtt://127.0.0.1:1883", username: edgeseal, password: {credential: broker-password}}
keys:
  owner: {file: /etc/edgeseal/owner.pem, wrap: raw-rsa, namespace: edgeseal, name: owner}
routes:
  telemetry: {topics: ["plant/#"], keys: [owner], sinks: [out], batch: {max_age: 1s}}
sinks:
  out: {type: directory, path: /var/lib/edgeseal/out}
)";
constexpr const char* kSaysStatus = "edgeseal status --json -c /etc/edgeseal/conf.d";
constexpr const char* kOpens = "edgeseal-open --private-key /etc/owner.private.pem /var/lib/edgeseal/out";

class ServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    machine_ = std::make_unique<Process>(
        std::vector<std::string>{kSource + "/tests/support/servers/booted",
                                 test::program_dir() + "/edgeseal:/usr/bin/edgeseal",
                                 test::program_dir() + "/edgeseal-open:/usr/bin/edgeseal-open",
                                 kUnit + ":/etc/systemd/system/edgeseal.service",
                                 kSource + "/systemd/mosquitto/edgeseal.conf:/etc/mosquitto/conf.d/edgeseal.conf",
                                 kSource + "/tests/vectors/keys/rsa-2048.public.pem:/etc/edgeseal/owner.pem",
                                 kSource + "/tests/vectors/keys/rsa-2048.private.pem:/etc/owner.private.pem"},
        (folder_ / "boot.log").string());
    try {
      leader_ = machine_->wait_for_line("leader ", seconds(90));
    } catch (const std::exception& failure) {
      const std::string log = machine_->output();
      if (machine_->wait(seconds(15)) == kCannotBoot) GTEST_SKIP() << log;
      FAIL() << failure.what() << "\n" << log;
    }
    write("/etc/edgeseal/conf.d/10-fleet.yaml", kConfiguration);
    write("/etc/mosquitto/conf.d/users.conf", "listener 1883 127.0.0.1\npassword_file /etc/mosquitto/users\n");
    write("/etc/edgeseal/broker-password", "sesame\n");
    ok("mosquitto_passwd -b -c /etc/mosquitto/users edgeseal sesame && chown mosquitto /etc/mosquitto/users");
    drop_in(
        "[Service]\nStateDirectory=edgeseal "
        "edgeseal/out\nLoadCredential=broker-password:/etc/edgeseal/broker-password\n");
    ok("systemctl start mosquitto");
  }

  void TearDown() override {
    if (HasFailure() && !leader_.empty()) std::cerr << journal() << ok("journalctl --no-pager -n 50") << "\n";
    if (machine_) machine_->stop(seconds(20));
  }

  /// In the machine, by its shell.
  Finished inside(const std::string& script, const std::string& input = {}) const {
    return run({"nsenter", "-t", leader_, "-m", "-u", "-i", "-n", "-p", "-C", "sh", "-c", script}, input, seconds(60));
  }
  /// The same, where it must succeed; what it printed.
  std::string ok(const std::string& script, const std::string& input = {}) const {
    const Finished done = inside(script, input);
    EXPECT_EQ(done.status, 0) << script << "\n" << done.out << done.err;
    return done.out;
  }
  void write(const std::string& path, const std::string& text) const {
    ok("mkdir -p $(dirname " + path + ") && cat >" + path, text);
  }
  void drop_in(const std::string& text) const {
    write("/etc/systemd/system/edgeseal.service.d/test.conf", text);
    ok("systemctl daemon-reload");
  }
  std::string property(const std::string& name) const {
    std::string value = ok("systemctl show -P " + name + " edgeseal");
    if (value.ends_with('\n')) value.pop_back();
    return value;
  }
  std::string journal(const std::string& more = {}) const {
    return inside("journalctl --no-pager -o cat -u edgeseal " + more).out;
  }
  void publish(int count, const std::string& run) const {
    std::string lines;
    for (int i = 0; i < count; ++i)
      lines += "{\"run\":\"" + run + "\",\"canary\":\"4711\",\"n\":" + std::to_string(i) + "}\n";
    ok("mosquitto_pub -u edgeseal -P sesame -q 1 -t plant/1 -l", lines);
  }
  /// The records of all objects that are there; none when there is no object, or one is refused.
  std::vector<nlohmann::json> opened() const {
    std::vector<nlohmann::json> records;
    const Finished done = inside(kOpens);
    if (done.status != 0) return records;
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) {
      if (auto record = nlohmann::json::parse(line); record.contains("topic")) records.push_back(std::move(record));
    }
    return records;
  }
  [[nodiscard]] bool come(std::size_t count) const {
    return eventually([&] { return opened().size() >= count; }, seconds(30));
  }

  TempDir folder_;
  std::unique_ptr<Process> machine_;
  std::string leader_;
};

TEST_F(ServiceTest, DoesItsWorkInItsSandboxWithoutAWarning) {
  ok("systemctl start edgeseal");  // and with Type=notify waits until it says READY
  publish(200, "unsynced");
  ASSERT_TRUE(come(200));
  ok("install -d -o systemd-timesync /run/systemd/timesync && touch /run/systemd/timesync/synchronized");
  publish(200, "synced");
  ASSERT_TRUE(come(400));

  const auto records = opened();
  EXPECT_EQ(records.size(), 400U);
  EXPECT_THAT(property("StatusText"), HasSubstr("connected"));
  EXPECT_EQ(property("ActiveState"), "active");
  EXPECT_EQ(property("NRestarts"), "0");
  // What the sandbox forbids and the program needs would be told of here.
  EXPECT_THAT(journal("-p warning"), IsEmpty());
  const auto status = nlohmann::json::parse(ok(kSaysStatus));
  EXPECT_EQ(status["routes"]["telemetry"]["committed"], 400);
  EXPECT_EQ(status["clock_synced"], true);
  // Neither payload nor password is on the disk or in the journal, but where the administrator put it.
  EXPECT_THAT(ok("find /var/lib/private/edgeseal -name '*.db'"), HasSubstr("spool.db"));
  const Finished canaries = inside("grep -rl canary /var/lib/private/edgeseal /var/log");
  EXPECT_EQ(canaries.status, 1) << "1: it has looked everywhere and found none\n" << canaries.out << canaries.err;
  EXPECT_THAT(journal(), ::testing::Not(HasSubstr("sesame")));
}

TEST_F(ServiceTest, KnowsWhetherTheClockIsSynchronised) {
  ok("systemctl start edgeseal");
  publish(1, "before");
  ASSERT_TRUE(come(1));
  EXPECT_EQ(opened().at(0).at("clock"), "unsynced");
  ok("install -d -o systemd-timesync /run/systemd/timesync && touch /run/systemd/timesync/synchronized");
  ASSERT_TRUE(eventually([&] {
    publish(1, "after");
    for (const auto& record : opened()) {
      if (record.at("clock") == "synced") return true;
    }
    return false;
  }));
}

TEST_F(ServiceTest, OutlivesSignalsAndKillsAndStopsInTime) {
  ok("systemctl start edgeseal");
  for (const char* signal : {"HUP", "USR1", "USR2", "PIPE", "ALRM", "VTALRM", "PROF", "IO", "PWR", "STKFLT", "XFSZ",
                             "XCPU", "WINCH", "CHLD", "URG", "CONT", "RTMIN+1", "RTMAX"}) {
    ok(std::string("systemctl kill -s ") + signal + " edgeseal");
  }
  publish(50, "signals");
  ASSERT_TRUE(come(50));
  EXPECT_EQ(property("ActiveState"), "active");
  EXPECT_EQ(property("NRestarts"), "0");
  EXPECT_THAT(journal(), HasSubstr("SIGHUP: ignored"));

  ok("systemctl kill -s KILL edgeseal");
  publish(50, "killed");
  ASSERT_TRUE(come(100));
  EXPECT_EQ(property("NRestarts"), "1");

  ok("systemctl stop edgeseal");
  EXPECT_EQ(property("Result"), "success");
  publish(50, "stopped");
  ok("systemctl start edgeseal");
  ASSERT_TRUE(come(150));
}

TEST_F(ServiceTest, IsNotStartedAgainWithAConfigurationThatCannotWork) {
  write("/etc/edgeseal/conf.d/20-wrong.yaml", "routes: {telemetry: {keys: [nobody]}}\n");
  EXPECT_NE(inside("systemctl start edgeseal").status, 0);
  EXPECT_EQ(property("ExecMainStatus"), "78");
  EXPECT_EQ(property("NRestarts"), "0");
  EXPECT_THAT(journal(), HasSubstr("20-wrong.yaml"));
}

TEST(UnitTest, IsWellFormedAndExposesLittle) {
  const TempDir folder;
  // Its program is not where it will be; all else that verify says counts.
  std::string unit = read_file(kUnit);
  const std::string program = "ExecStart=/usr/bin/edgeseal";
  unit.replace(unit.find(program), program.size(), "ExecStart=" + test::program_dir() + "/edgeseal");
  const auto copy = folder.write("edgeseal.service", unit);
  const Finished verified = run({"systemd-analyze", "verify", "--man=no", copy.string()});
  EXPECT_EQ(verified.out + verified.err, "");
  const Finished exposure = run({"systemd-analyze", "security", "--offline=true", "--threshold=12", copy.string()});
  EXPECT_EQ(exposure.status, 0) << exposure.out << exposure.err;
}

}  // namespace
}  // namespace edgeseal::test
