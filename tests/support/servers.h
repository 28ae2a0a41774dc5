// SPDX-License-Identifier: GPL-3.0-or-later
// A real S3 server and a stand-in for KMS, on loopback ports of their own.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {

/// OpenStack Swift with its S3 interface, path style. Its data outlives stop() and start(), as does its port.
class S3Server {
 public:
  static constexpr const char* kAccessKey = "test:tester";
  static constexpr const char* kSecretKey = "testing";
  static constexpr const char* kRegion = "us-east-1";
  static constexpr const char* kBucket = "ore";

  /// Returns when it serves and has the bucket. `arguments` are added to the command.
  explicit S3Server(const std::vector<std::string>& arguments = {});
  [[nodiscard]] const std::string& url() const { return url_; }
  void start();
  void stop();
  /// SIGKILL, as a power cut would end it.
  void kill();

 private:
  TempDir folder_;
  std::vector<std::string> arguments_;
  std::string url_;
  std::unique_ptr<Process> process_;
};

/// Speaks the KMS JSON protocol over RSA keys, and verifies signatures as strictly as KMS.
class KmsServer {
 public:
  static constexpr const char* kAccessKey = "AKIATEST";
  static constexpr const char* kSecretKey = "test-secret";
  static constexpr const char* kRegion = "eu-west-1";

  /// `arguments` are added to the command, such as {"--import-key", "key.pem=arn:…", "--fail-first", "2"}.
  explicit KmsServer(const std::vector<std::string>& arguments = {});
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  TempDir folder_;
  std::unique_ptr<Process> process_;
  std::string url_;
};

}  // namespace edgeseal::test
