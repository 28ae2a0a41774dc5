// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/mosquitto.h"

#include <stdexcept>

#include "tests/support/places.h"

namespace edgeseal::test {
namespace {

void add(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

Mosquitto::Mosquitto(const MosquittoOptions& options) : options_(options) { start(); }

std::uint16_t Mosquitto::port() const {
  return static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
}

void Mosquitto::start() {
  std::vector<std::string> command{test::source_dir() + "/tests/support/servers/mosquitto_server", "--dir",
                                   dir_.path().string()};
  if (!url_.empty()) add(command, {"--port", std::to_string(port())});
  if (options_.tls) command.emplace_back("--tls");
  if (options_.mutual_tls) command.emplace_back("--mutual-tls");
  if (!options_.user.empty()) add(command, {"--user", options_.user, "--password", options_.password});
  if (options_.persistence) command.emplace_back("--persistence");
  add(command, options_.more);
  process_.emplace(command, file("server.out"));
  url_ = process_->wait_for_line("ready ");
}

void Mosquitto::stop() { process_.reset(); }

void Mosquitto::publish(const std::vector<std::string>& arguments, const std::string& input) const {
  const bool tls = options_.tls || options_.mutual_tls;
  std::vector<std::string> command{"mosquitto_pub", "-h", tls ? "localhost" : "127.0.0.1", "-p",
                                   std::to_string(port())};
  if (tls) add(command, {"--cafile", file("ca.pem"), "--cert", file("client.pem"), "--key", file("client.key")});
  if (!options_.user.empty()) add(command, {"-u", options_.user, "-P", options_.password});
  add(command, arguments);
  const Finished finished = run(command, input);
  if (finished.status != 0) throw std::runtime_error("mosquitto_pub: " + finished.err);
}

}  // namespace edgeseal::test
