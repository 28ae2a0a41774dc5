// SPDX-License-Identifier: GPL-3.0-or-later
// Recognises what the broker sends again because our acknowledgement did not reach it. MQTT 5.0 section 4.4.
#pragma once
#include <cstdint>
#include <unordered_map>

#include "crypto/base/result.h"
#include "crypto/primitives/fingerprint.h"
#include "transport/ingest/source.h"
#include "transport/mqtt/message.h"

namespace edgeseal::agent {

/// Of one source, within one process. A message that is already stored, or in the open batch, comes again with DUP set,
/// the same packet identifier and the same content; a broker may not use the identifier for anything else before it has
/// the acknowledgement. All three are asked for, so that a broker which lost its state costs no message. Memory: at
/// most 65,535 entries of 48 bytes, one a packet identifier in use. Threads: one at a time.
class Redelivery {
 public:
  explicit Redelivery(crypto::Fingerprinter fingerprinter) : fingerprinter_(std::move(fingerprinter)) {}

  /// Whether `message` is a repetition. If not, it is remembered as arrival `number`. `acknowledged`: the newest
  /// arrival whose acknowledgement had been handed to the broker when this one came. Never for QoS 0. Kind::fault when
  /// hashing fails.
  [[nodiscard]] Result<bool> is_repetition(const transport::Message& message, transport::ArrivalNumber number,
                                           transport::ArrivalNumber acknowledged);

  /// The broker has lost its session: what it sends from now on, with whatever identifier, has not been here.
  void forget() { by_packet_id_.clear(); }

 private:
  struct Entry {
    transport::ArrivalNumber number;
    crypto::Fingerprint topic;
    crypto::Fingerprint payload;
  };
  crypto::Fingerprinter fingerprinter_;
  std::unordered_map<std::uint16_t, Entry> by_packet_id_;
};

}  // namespace edgeseal::agent
