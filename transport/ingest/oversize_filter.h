// SPDX-License-Identifier: GPL-3.0-or-later
// Takes messages that are too large out of what a broker sends, and leaves small ones in their place. Pure: no socket.
// Source: MQTT 5.0 (OASIS) section 3.3; MQTT 3.1.1 section 3.3.
#pragma once
#include <cstdint>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "transport/ingest/mqtt_framing.h"

namespace edgeseal::transport {

/// It swallows a PUBLISH of more than `bytes_max` bytes as it comes. If the broker waits for an acknowledgement, the
/// client gets a stand-in: the same topic, QoS, flags and packet identifier, without payload and properties. The client
/// takes and acknowledges it like any message, so order, redelivery and QoS 2 need no special case.
/// It keeps a topic and a few bytes, however large the packet is.
/// Threads: one at a time.
class OversizeFilter {
 public:
  OversizeFilter(MqttVersion version, std::uint32_t bytes_max) : version_(version), bytes_max_(bytes_max) {}

  /// What goes to the client for `bytes`, which are `piece` of the broker's stream: nothing, `bytes`, or the whole of a
  /// fixed header, up to MqttFraming::kHeaderBytesMax more than `bytes`. Valid until the next call. Fails with
  /// Kind::corrupt when a packet is too large that is not a PUBLISH.
  /// `too_large`: this packet is swallowed whatever its size; looked at where its header ends.
  [[nodiscard]] Result<ByteView> pass(const MqttFraming::Piece& piece, ByteView bytes, bool too_large = false);

  /// Whether the packet whose header came last is swallowed.
  [[nodiscard]] bool swallows() const { return swallows_; }
  /// Of a swallowed packet that has ended.
  [[nodiscard]] std::string topic() const;
  /// The packet that stands in for it, if its QoS is not 0.
  [[nodiscard]] Bytes stand_in() const;

 private:
  void keep(ByteView bytes);

  const MqttVersion version_;
  const std::uint32_t bytes_max_;
  bool swallows_ = false;
  Packet packet_;                ///< its header, as far as the stream has come
  Bytes header_;                 ///< held until it is whole
  Bytes kept_;                   ///< of a swallowed packet: topic length, topic, packet identifier
  std::size_t kept_wanted_ = 0;  ///< how many bytes those are, as far as known
};

}  // namespace edgeseal::transport
