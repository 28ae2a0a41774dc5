// SPDX-License-Identifier: GPL-3.0-or-later
// Recognises the copies of one message that a broker sends for several of our filters. MQTT 5.0 section 3.3.4.
#pragma once
#include <cstdint>
#include <optional>
#include <set>

#include "crypto/base/result.h"
#include "crypto/primitives/fingerprint.h"
#include "transport/mqtt/message.h"

namespace edgeseal::agent {

/// Of one source. A broker may send a message once for each subscription that it fits, one right behind the other, each
/// with the identifier of its subscription. So a run of messages on one connection that are equal, each with only
/// identifiers that the run had not before, is one message and its copies. An identifier that comes again belongs to a
/// message that was published again, with the same value, and begins a new run.
///
/// A run holds each identifier once at most, and a message comes with the same identifiers each time that it is
/// published; so there are never fewer runs than messages. What has no identifier is no copy.
///
/// Equal are topic, payload, QoS, retain and all properties but the expiry, which a broker counts down. DUP may differ.
/// Memory: fingerprints of one message, and one number for each of our filters. Threads: one at a time.
class Copies {
 public:
  explicit Copies(crypto::Fingerprinter fingerprinter) : fingerprinter_(std::move(fingerprinter)) {}

  /// Whether `message` is a copy of the one that began its run. Call it for each, in order. Kind::fault when hashing
  /// fails.
  [[nodiscard]] Result<bool> is_copy(const transport::Message& message);
  /// Something else has come in between.
  void end_run() { run_.reset(); }

 private:
  struct Run {
    std::uint64_t connection = 0;
    std::uint8_t qos = 0;
    bool retain = false;
    crypto::Fingerprint head{};  ///< topic and properties
    crypto::Fingerprint payload{};
    bool operator==(const Run&) const = default;
  };
  crypto::Fingerprinter fingerprinter_;
  std::optional<Run> run_;
  std::set<std::uint32_t> ids_;  ///< that the run had
};

}  // namespace edgeseal::agent
