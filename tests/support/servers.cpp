// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/servers.h"

#include <csignal>

#include "tests/support/places.h"

namespace edgeseal::test {
namespace {

std::string server(const std::string& name) { return source_dir() + "/tests/support/servers/" + name; }
constexpr std::chrono::seconds kStart{90};

}  // namespace

S3Server::S3Server(const std::vector<std::string>& arguments) : arguments_(arguments) { start(); }

void S3Server::start() {
  const std::string port = url_.empty() ? "0" : url_.substr(url_.rfind(':') + 1);
  std::vector<std::string> command{server("s3_server"),
                                   "--dir",
                                   folder_.path() / "data",
                                   "--port",
                                   port,
                                   "--access-key",
                                   kAccessKey,
                                   "--secret-key",
                                   kSecretKey,
                                   "--region",
                                   kRegion,
                                   "--bucket",
                                   kBucket};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<Process>(command, folder_.path() / "s3_server.out");
  url_ = process_->wait_for_line("ready ", kStart);
}

void S3Server::stop() { process_->stop(); }

void S3Server::kill() {
  process_->signal(SIGKILL);
  process_->wait(std::chrono::seconds{10});
}

KmsServer::KmsServer(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{
      server("kms_standin.py"), "--access-key", kAccessKey, "--secret-key", kSecretKey, "--region", kRegion};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Process>(command, folder_.path() / "kms.out");
  url_ = process_->wait_for_line("ready ", kStart);
}

}  // namespace edgeseal::test
