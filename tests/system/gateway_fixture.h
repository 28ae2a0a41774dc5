// SPDX-License-Identifier: GPL-3.0-or-later
// A whole gateway on this machine: a real broker, the real programs, real files.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/mosquitto.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {

/// Stands in every payload of `numbered`, and nowhere else.
inline constexpr const char* kCanary = "canary-4711-in-the-coal-mine";

/// Payloads that differ from one another; `run` tells one test's rounds apart.
[[nodiscard]] std::vector<std::string> numbered(int count, const std::string& run = "a");

/// Of a broker that never drops what it has to queue.
[[nodiscard]] MosquittoOptions patient_broker();

/// Starts nothing but the broker by itself. The owner's key is tests/vectors/keys/rsa-2048.
class GatewayTest : public ::testing::Test {
 protected:
  explicit GatewayTest(const MosquittoOptions& broker = {});
  ~GatewayTest() override;

  /// Writes the configuration: one source, key, route (plant/#, batches of `max_age`) and a directory sink, with `more`
  /// merged over it as a second file.
  void configure(const std::string& max_age = "1s", const std::string& more = {});
  /// Starts the daemon; `under` is a command that it is an argument of.
  void launch_gateway(const std::map<std::string, std::string>& environment = {}, std::vector<std::string> under = {});
  /// Starts the daemon and waits until it is connected and the broker has answered its subscriptions.
  void start_gateway(const std::map<std::string, std::string>& environment = {});
  /// Starts it where it is expected to end by itself, and waits for that; killed after a minute.
  [[nodiscard]] Finished run_gateway_to_its_end() const;
  /// SIGTERM, and its exit status.
  int stop_gateway();
  void kill_gateway();

  /// One after the other, QoS 1. When this returns the broker has acknowledged them.
  void publish(const std::vector<std::string>& payloads, const std::string& topic = "plant/7/telemetry") const;

  /// `edgeseal` or `edgeseal-open` with these arguments.
  [[nodiscard]] Finished edgeseal(const std::vector<std::string>& arguments, const std::string& input = {}) const;
  [[nodiscard]] Finished open(const std::vector<std::string>& arguments) const;

  /// What the status socket says; null when nobody answers.
  [[nodiscard]] nlohmann::json status() const;
  [[nodiscard]] std::uint64_t committed() const;
  [[nodiscard]] bool spool_is_empty() const;

  /// The objects in the directory sink, in the order of their names.
  [[nodiscard]] std::vector<std::string> objects() const;
  /// All records of all objects, as edgeseal-open prints them. Fails the test when something is refused.
  [[nodiscard]] std::vector<nlohmann::json> opened() const;
  [[nodiscard]] std::vector<std::string> opened_payloads() const;
  /// How often `text` stands in the spool, the output and the log.
  [[nodiscard]] std::size_t found_on_disk(const std::string& text) const;

  [[nodiscard]] static std::string key(const std::string& name);
  [[nodiscard]] std::vector<std::string> config_arguments() const;

  TempDir folder_;
  std::unique_ptr<Mosquitto> broker_;
  std::unique_ptr<Process> gateway_;
  std::vector<std::string> logs_;  ///< of every gateway started
  bool overlay_ = false;
};

}  // namespace edgeseal::test
