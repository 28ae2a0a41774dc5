// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/system/gateway_fixture.h"

#include <algorithm>
#include <csignal>
#include <sstream>

#include "tests/support/places.h"

namespace edgeseal::test {

using nlohmann::json;
namespace fs = std::filesystem;

std::vector<std::string> numbered(int count, const std::string& run) {
  std::vector<std::string> payloads;
  for (int i = 0; i < count; ++i) {
    payloads.push_back("{\"run\":\"" + run + "\",\"n\":" + std::to_string(i) + ",\"driver\":\"" + kCanary + "\"}");
  }
  return payloads;
}

MosquittoOptions patient_broker() { return {.more = {"--max-queued", "1000000"}}; }

GatewayTest::GatewayTest(const MosquittoOptions& broker) : broker_(std::make_unique<Mosquitto>(broker)) {}

GatewayTest::~GatewayTest() {
  if (HasFailure() && !logs_.empty()) std::cerr << "the gateway's log:\n" << read_file(logs_.back()) << "\n";
}

std::string GatewayTest::key(const std::string& name) { return test::source_dir() + "/tests/vectors/keys/" + name; }

void GatewayTest::configure(const std::string& max_age, const std::string& more) {
  fs::create_directories(folder_ / "out");
  folder_.write("gateway.yaml", R"(version: 1
gateway: truck-017
source: {url: ")" + broker_->url() +
                                    R"("}
keys:
  owner: {file: ")" + key("rsa-2048.public.pem") +
                                    R"(", wrap: raw-rsa, namespace: edgeseal, name: owner}
routes:
  telemetry:
    topics: ["plant/#"]
    keys: [owner]
    sinks: [out]
    batch: {max_age: )" + max_age + R"(}
sinks:
  out: {type: directory, path: out}
spool: {path: spool.db}
log: {level: debug}
status: {socket: status.sock}
)");
  overlay_ = !more.empty();
  if (overlay_) folder_.write("more.yaml", more);
}

std::vector<std::string> GatewayTest::config_arguments() const {
  std::vector<std::string> arguments{"-c", (folder_ / "gateway.yaml").string()};
  if (overlay_) arguments.insert(arguments.end(), {"-c", (folder_ / "more.yaml").string()});
  return arguments;
}

void GatewayTest::launch_gateway(const std::map<std::string, std::string>& environment,
                                 std::vector<std::string> under) {
  std::vector<std::string> command = std::move(under);
  command.insert(command.end(), {test::program_dir() + "/edgeseal", "run"});
  const auto config = config_arguments();
  command.insert(command.end(), config.begin(), config.end());
  logs_.push_back((folder_ / ("gateway-" + std::to_string(logs_.size()) + ".log")).string());
  gateway_.reset();
  gateway_ = std::make_unique<Process>(command, logs_.back(), environment);
}

void GatewayTest::start_gateway(const std::map<std::string, std::string>& environment) {
  const std::size_t logged_before = broker_->log().size();
  launch_gateway(environment);
  ASSERT_TRUE(eventually([&] {
    const json now = status();
    return !now.is_null() && now["sources"].begin()->at("connected").get<bool>();
  })) << "the gateway did not connect:\n"
      << gateway_->output();
  // It subscribes after it has said so: to its filters, last to the broker's drop count.
  ASSERT_TRUE(eventually([&] {
    const std::string log = broker_->log();
    const std::size_t last = log.find("\t$SYS/broker/publish/messages/dropped (QoS 0)", logged_before);
    return log.find("Sending SUBACK", last) != std::string::npos;
  })) << "the gateway did not subscribe:\n"
      << broker_->log();
}

Finished GatewayTest::run_gateway_to_its_end() const {
  std::vector<std::string> arguments{"run"};
  const auto config = config_arguments();
  arguments.insert(arguments.end(), config.begin(), config.end());
  return edgeseal(arguments);
}

void GatewayTest::publish(const std::vector<std::string>& payloads, const std::string& topic) const {
  std::string lines;
  for (const std::string& payload : payloads) lines += payload + "\n";
  broker_->publish({"-q", "1", "-t", topic, "-l"}, lines);
}

int GatewayTest::stop_gateway() { return gateway_->stop(); }

void GatewayTest::kill_gateway() {
  gateway_->signal(SIGKILL);
  ASSERT_TRUE(gateway_->wait(std::chrono::seconds(5)).has_value());
}

Finished GatewayTest::edgeseal(const std::vector<std::string>& arguments, const std::string& input) const {
  std::vector<std::string> command{test::program_dir() + "/edgeseal"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command, input, std::chrono::seconds(60));
}

Finished GatewayTest::open(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{test::program_dir() + "/edgeseal-open"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command, {}, std::chrono::seconds(60));
}

json GatewayTest::status() const {
  const Finished asked = edgeseal({"status", "--json", "--socket", (folder_ / "status.sock").string()});
  return asked.status == 0 ? json::parse(asked.out) : json();
}

std::uint64_t GatewayTest::committed() const {
  const json now = status();
  std::uint64_t count = 0;
  if (now.is_null()) return 0;
  for (const auto& route : now["routes"]) count += route["committed"].get<std::uint64_t>();
  return count;
}

bool GatewayTest::spool_is_empty() const {
  const json now = status();
  return !now.is_null() && now["spool"]["bytes"] == 0;
}

std::vector<std::string> GatewayTest::objects() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "out")) {
    if (entry.is_regular_file()) names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<json> GatewayTest::opened() const {
  const Finished done = open({"--private-key", key("rsa-2048.private.pem"), (folder_ / "out").string()});
  EXPECT_EQ(done.status, 0) << done.err;
  std::vector<json> records;
  std::istringstream lines(done.out);
  for (std::string line; std::getline(lines, line);) records.push_back(json::parse(line));
  return records;
}

std::vector<std::string> GatewayTest::opened_payloads() const {
  std::vector<std::string> payloads;
  for (const json& record : opened()) payloads.push_back(record.value("payload", "<binary>"));
  return payloads;
}

std::size_t GatewayTest::found_on_disk(const std::string& text) const {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string content = read_file(entry.path());
    for (std::size_t at = content.find(text); at != std::string::npos; at = content.find(text, at + 1)) ++count;
  }
  return count;
}

}  // namespace edgeseal::test
