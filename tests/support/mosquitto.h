// SPDX-License-Identifier: GPL-3.0-or-later
// A real broker on loopback, and a publisher of its own.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {

struct MosquittoOptions {
  bool tls = false;
  bool mutual_tls = false;
  std::string user{};
  std::string password{};
  bool persistence = false;            ///< keeps sessions and queued messages over a restart
  std::vector<std::string> more = {};  ///< further arguments of tests/support/servers/mosquitto_server
};

/// Listens when the constructor returns; stopped by the destructor. Throws when the broker does not start.
class Mosquitto {
 public:
  explicit Mosquitto(const MosquittoOptions& options = {});

  /// mqtt://127.0.0.1:PORT, or mqtts://localhost:PORT with TLS. The same for its whole life.
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint16_t port() const;
  /// A file of its folder: ca.pem, client.pem, client.key, stranger.pem, stranger.key, …
  [[nodiscard]] std::string file(const std::string& name) const { return (dir_ / name).string(); }
  /// What the broker has logged so far.
  [[nodiscard]] std::string log() const { return read_file(dir_ / "mosquitto.log"); }

  void stop();
  void start();  ///< again, on the same port
  /// Further arguments instead of those that it had, from the next start on.
  void configure(std::vector<std::string> more) { options_.more = std::move(more); }

  /// Runs mosquitto_pub with these arguments besides host, port and what TLS and the password need; feeds it `input`.
  /// Throws when it fails.
  void publish(const std::vector<std::string>& arguments, const std::string& input = {}) const;

 private:
  MosquittoOptions options_;
  TempDir dir_;
  std::string url_;
  std::optional<Process> process_;
};

}  // namespace edgeseal::test
