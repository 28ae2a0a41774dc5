// SPDX-License-Identifier: GPL-3.0-or-later
// Judges what a broker sends before the client sees it: properties, topics, and which packet may come when. Pure.
// Source: MQTT 5.0 (OASIS) sections 2.2.2, 3.3.2 and 4.13; MQTT 3.1.1 sections 3.3.2 and 4.7.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/wipe.h"
#include "transport/ingest/mqtt_framing.h"

namespace edgeseal::transport {

/// Bytes of one property section, and properties in it. A PUBLISH with more is too large. Paho makes room for ten
/// properties at a time and copies all of them each time, so its work grows with the square of their number.
inline constexpr std::uint32_t kPropertyBytesMax = 32 * 1024;
inline constexpr std::size_t kPropertiesMax = 1024;
/// Of any other packet, all of it. A broker that sends more is left: MQTT knows no packet that needs as much.
inline constexpr std::uint32_t kControlBytesMax = 4 * 1024;

/// Holds the head of each packet (of a PUBLISH: everything before the payload; of others: all of it) until it is
/// judged. Each byte is looked at twice at most. Keeps kHeadBytesMax bytes at most, whatever comes.
/// Threads: one at a time. After an error the connection is beyond repair, and so is this.
class BrokerGuard {
 public:
  /// A PUBLISH of more than `packet_bytes_max` is too large.
  BrokerGuard(MqttVersion version, std::uint32_t packet_bytes_max)
      : version_(version), packet_bytes_max_(packet_bytes_max) {}

  /// A packet whose head is complete.
  struct Judged {
    Packet packet;  ///< its identifier included
    bool too_large = false;
    ByteView header;  ///< the fixed header; valid until the next call, as `rest`
    ByteView rest;    ///< what was held behind it
  };
  /// Takes `bytes`, which are `piece` of the broker's stream. Gives the verdict with the piece that completes the head,
  /// and nothing before; see `holds` for after. Fails with Kind::corrupt and the reason when MQTT forbids the packet.
  [[nodiscard]] Result<std::optional<Judged>> take(const MqttFraming::Piece& piece, ByteView bytes);

  /// Wipes what was held: a small message stands in it whole. Call it once the verdict's bytes have gone on.
  void forget_head();

  /// The packet that has come so far is not judged yet: nothing of it may pass.
  [[nodiscard]] bool holds() const { return holds_; }
  /// How many bytes the next verdict may release at most, besides those of its own piece.
  [[nodiscard]] std::size_t held_bytes() const { return holds_ ? head_.size() : 0; }
  /// After a failure: the reason code for DISCONNECT. MQTT 5.0 section 3.14.2.1.
  [[nodiscard]] std::uint8_t reason() const { return reason_; }

  static constexpr std::size_t kHeadBytesMax = MqttFraming::kHeaderBytesMax + 2 + 65'535 + 2 + 4 + kPropertyBytesMax;

 private:
  [[nodiscard]] Result<void> header_came();
  [[nodiscard]] Result<bool> complete(bool ends);
  [[nodiscard]] Result<void> judge_topic(std::string_view topic);
  [[nodiscard]] Result<void> judge_control();
  [[nodiscard]] Result<bool> judge_properties(ByteView section);
  [[nodiscard]] tl::unexpected<Error> refuse(std::uint8_t reason, const std::string& why);

  const MqttVersion version_;
  const std::uint32_t packet_bytes_max_;
  Packet packet_;
  PlainBytes head_;
  std::size_t header_bytes_ = 0;
  bool holds_ = false;
  bool too_large_ = false;
  bool connected_ = false;  ///< CONNACK has come
  std::uint8_t reason_ = 0;
};

}  // namespace edgeseal::transport
