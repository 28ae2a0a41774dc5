// SPDX-License-Identifier: GPL-3.0-or-later
// The main job, from mosquitto_pub to edgeseal-open.
#include <array>
#include <fstream>
#include <set>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAreArray;

class MainJobTest : public GatewayTest {
 protected:
  MainJobTest() : GatewayTest(patient_broker()) {}
};

TEST_F(MainJobTest, FiveThousandPayloadsAreOpenedByTheOwnerAndStandNowhereElse) {
  configure();
  start_gateway();
  const auto payloads = numbered(5000);
  publish(payloads);
  ASSERT_TRUE(eventually([&] { return committed() == 5000; }, std::chrono::seconds(60))) << committed();
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(opened_payloads(), payloads);
  EXPECT_EQ(found_on_disk(kCanary), 0U);
}

TEST_F(MainJobTest, EveryPartOfAMessageIsKept) {
  configure();
  start_gateway();
  const std::string binary("\x00\xff\x01 not UTF-8 \xc3", 16);
  broker_->publish({"-V",
                    "5",
                    "-q",
                    "2",
                    "-r",
                    "-t",
                    "plant/7/état",
                    "-D",
                    "publish",
                    "user-property",
                    "unit",
                    "kPa",
                    "-D",
                    "publish",
                    "user-property",
                    "unit",
                    "again",
                    "-D",
                    "publish",
                    "content-type",
                    "application/octet-stream",
                    "-D",
                    "publish",
                    "correlation-data",
                    "c-1",
                    "-D",
                    "publish",
                    "response-topic",
                    "answers",
                    "-s"},
                   binary);
  broker_->publish({"-q", "0", "-t", "plant/7/empty", "-n"});
  ASSERT_TRUE(eventually([&] { return committed() == 2; }));
  EXPECT_EQ(stop_gateway(), 0);
  const auto records = opened();
  ASSERT_THAT(records, SizeIs(2));
  const json& first = records[0];
  EXPECT_EQ(first["gateway"], "truck-017");
  EXPECT_EQ(first["route"], "telemetry");
  EXPECT_EQ(first["seq"], 1);
  EXPECT_EQ(first["index"], 0);
  EXPECT_EQ(first["topic"], "plant/7/état");
  EXPECT_EQ(first["qos"], 1) << "subscribed with QoS 1, so the broker lowers it";
  EXPECT_EQ(first["dup"], false);
  EXPECT_EQ(first["payload_base64"], to_base64(as_bytes(binary)));
  EXPECT_FALSE(first.contains("payload"));
  EXPECT_THAT(first["properties"].dump(),
              AllOf(HasSubstr("kPa"), HasSubstr("again"), HasSubstr("application/octet-stream"), HasSubstr("answers"),
                    HasSubstr("correlation")));
  EXPECT_EQ(records[1]["payload"], "");
  EXPECT_EQ(records[1]["qos"], 0);
}

TEST_F(MainJobTest, AMessageGoesToTheFirstRouteThatWantsIt) {
  configure("1s", R"(routes:
  telemetry: null
  alarms: {topics: ["plant/+/alarm"], keys: [owner], sinks: [out]}
  rest: {topics: ["plant/#"], keys: [owner], sinks: [out]}
)");
  start_gateway();
  publish({"fire"}, "plant/7/alarm");
  publish({"21"}, "plant/7/telemetry");
  ASSERT_TRUE(eventually([&] { return committed() == 2; }));
  EXPECT_EQ(stop_gateway(), 0);
  std::multiset<std::string> routed;
  for (const json& record : opened()) {
    routed.insert(record["route"].get<std::string>() + " " + record["payload"].get<std::string>());
  }
  EXPECT_THAT(routed, ElementsAre("alarms fire", "rest 21"));
}

// What was committed as journal frames by a killed process comes out as a journal object, before anything new.
TEST_F(MainJobTest, AKilledGatewayLosesNothingThatItCommitted) {
  configure("1h");
  std::vector<std::string> all;
  for (int round = 0; round < 4; ++round) {
    start_gateway();
    const auto payloads = numbered(100, std::to_string(round));
    all.insert(all.end(), payloads.begin(), payloads.end());
    publish(payloads);
    ASSERT_TRUE(eventually([&] { return committed() >= 100; }));
    EXPECT_EQ(found_on_disk(kCanary), 0U);
    kill_gateway();
  }
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  std::set<std::string> once;
  std::vector<std::string> in_order;
  for (const std::string& payload : opened_payloads()) {
    if (once.insert(payload).second) in_order.push_back(payload);
  }
  EXPECT_EQ(in_order, all);
  EXPECT_THAT(objects(), ::testing::Each(::testing::EndsWith(".esdks")));
}

TEST_F(MainJobTest, KilledAtAnyMomentWhileSensorsGoOnNothingIsLost) {
  configure("1s");
  std::vector<std::string> all = numbered(3000, "kill");
  start_gateway();
  std::thread sensor([&] { publish(all); });
  for (int round = 0; round < 6; ++round) {
    const std::uint64_t before = committed();
    (void)eventually([&] { return committed() > before + 40; }, std::chrono::seconds(2));
    kill_gateway();
    start_gateway();
  }
  sensor.join();
  ASSERT_TRUE(eventually([&] {
    broker_->publish({"-q", "1", "-t", "plant/end", "-m", "end"});
    const json now = status();
    return now["routes"]["telemetry"]["received"].get<int>() > 0;
  }));
  ASSERT_TRUE(eventually([&, last = std::uint64_t{0}]() mutable {
    const std::uint64_t now = committed();
    const bool settled = now == last;
    last = now;
    return settled;
  }));
  EXPECT_EQ(stop_gateway(), 0);
  const auto payloads = opened_payloads();
  std::set<std::string> once(payloads.begin(), payloads.end());
  once.erase("end");
  EXPECT_EQ(once, std::set<std::string>(all.begin(), all.end()));
}

TEST_F(MainJobTest, AnUnreachableSinkLosesNothingAndDrainsInOrder) {
  configure("1s", "sinks: {out: {type: directory, path: stick/out}}\n");  // no stick yet
  start_gateway();
  const auto payloads = numbered(50);
  publish(payloads);
  ASSERT_TRUE(eventually([&] { return status()["sinks"]["out"]["failures_in_a_row"].get<int>() > 0; }));
  EXPECT_THAT(status()["sinks"]["out"]["last_error"].get<std::string>(), HasSubstr("stick"));
  EXPECT_FALSE(spool_is_empty());
  EXPECT_EQ(stop_gateway(), 0);
  std::filesystem::create_directories(folder_ / "stick/out");
  start_gateway();
  EXPECT_TRUE(eventually([&] { return spool_is_empty(); }, std::chrono::seconds(30)));
  EXPECT_EQ(stop_gateway(), 0);
  std::filesystem::rename(folder_ / "stick/out", folder_ / "out/late");
  EXPECT_EQ(opened_payloads(), payloads);
}

TEST_F(MainJobTest, StatusTellsWhatHappens) {
  configure();
  start_gateway();
  publish({"1", "2", "3"});
  broker_->publish({"-q", "1", "-t", "plant/x", "-m", "4"});
  ASSERT_TRUE(eventually([&] { return status()["sinks"]["out"]["batches_delivered"].get<int>() >= 1; }));
  const json now = status();
  EXPECT_EQ(now["gateway"], "truck-017");
  EXPECT_EQ(now["sources"]["source"]["connected"], true);
  EXPECT_THAT(now["routes"]["telemetry"]["received"].get<int>(), Ge(3));
  EXPECT_EQ(now["sinks"]["out"]["state"], "up");
  EXPECT_EQ(now["sinks"]["out"]["last_error"], "");
  EXPECT_EQ(now["spool"]["id"].get<std::string>().size(), 32U);
  const Finished text = edgeseal({"status", "--socket", (folder_ / "status.sock").string()});
  EXPECT_THAT(text.out, AllOf(HasSubstr("truck-017"), HasSubstr("connected"), HasSubstr("delivered")));
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_TRUE(status().is_null());
}

TEST_F(MainJobTest, ASecondGatewayOnTheSameSpoolIsRefused) {
  configure();
  start_gateway();
  std::vector<std::string> again{"run"};
  for (const std::string& argument : config_arguments()) again.push_back(argument);
  const Finished second = edgeseal(again);
  EXPECT_EQ(second.status, 78);
  EXPECT_THAT(second.err, HasSubstr("spool.db"));
  EXPECT_EQ(stop_gateway(), 0);
}

TEST_F(MainJobTest, SystemdIsToldWhenItIsReadyAndWhenItStops) {
  const int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder_ / "notify").string();
  std::copy(path.begin(), path.end(), address.sun_path);
  ASSERT_EQ(bind(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const auto told = [&] {
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = recv(socket_fd, buffer.data(), buffer.size(), 0)) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(got)) += "\n";
    }
    return text;
  };
  configure();
  start_gateway({{"NOTIFY_SOCKET", path}});
  EXPECT_THAT(told(), HasSubstr("READY=1"));
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_THAT(told(), HasSubstr("STOPPING=1"));
  close(socket_fd);
}

TEST_F(MainJobTest, TheLogCanBeJsonOrForTheJournal) {
  configure("1s", "log: {format: json}\n");
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  std::ifstream log(logs_.back());
  for (std::string line; std::getline(log, line);) {
    EXPECT_TRUE(line.starts_with("warning: ") || json::accept(line)) << line;
  }
  configure("1s", "log: {format: journal}\n");
  start_gateway();
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_THAT(read_file(logs_.back()), HasSubstr("<6>edgeseal is running"));
}

class MutualTlsTest : public GatewayTest {
 protected:
  MutualTlsTest() : GatewayTest({.mutual_tls = true, .user = "edgeseal", .password = "open sesame"}) {}
};

TEST_F(MutualTlsTest, ABrokerWithMutualTlsAndAPassword) {
  folder_.write("password", "open sesame\n");
  const std::string tls = "tls: {ca: \"" + broker_->file("ca.pem") + "\", cert: \"" + broker_->file("client.pem") +
                          "\", key: \"" + broker_->file("client.key") + "\"}";
  for (const std::string version : {"\"5\"", "\"3.1.1\""}) {
    configure("1s",
              "source: {mqtt_version: " + version + ", username: edgeseal, password: {file: password}, " + tls + "}\n");
    start_gateway();
    broker_->publish({"-q", "1", "-t", "plant/1", "-m", version});
    ASSERT_TRUE(eventually([&] { return committed() == 1; }));
    EXPECT_EQ(stop_gateway(), 0);
  }
  EXPECT_THAT(opened_payloads(), ElementsAre("\"5\"", "\"3.1.1\""));
  EXPECT_EQ(found_on_disk("open sesame"), 1U) << "only in the password file";
}

}  // namespace
}  // namespace edgeseal::test
