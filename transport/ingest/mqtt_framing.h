// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the control packets in a stream of MQTT bytes: types, lengths, packet identifiers, and nothing else.
// Source: MQTT 5.0 (OASIS) sections 2.1, 2.2.1 and 3.x.1; MQTT 3.1.1 section 2.2, 2.3.1.
#pragma once
#include <cstdint>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::transport {

/// MQTT 5.0 section 2.1.2. The values are those on the wire.
enum class PacketType : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,  ///< MQTT 5 only
};

/// "PUBLISH", "PUBACK", …
[[nodiscard]] std::string_view packet_name(PacketType type);

enum class Sender { client, broker };

/// What a gate must know of a packet.
struct Packet {
  PacketType type = PacketType::connect;
  std::uint8_t flags = 0;                                              ///< the low four bits of the first byte
  std::uint16_t id = 0;                                                ///< 0 where the packet has none
  std::uint32_t bytes = 0;                                             ///< all of it, fixed header included
  [[nodiscard]] std::uint8_t qos() const { return (flags >> 1) & 3; }  ///< of a PUBLISH
  [[nodiscard]] bool dup() const { return (flags & 8) != 0; }          ///< of a PUBLISH
  bool operator==(const Packet&) const = default;
};

/// One direction of one connection. It keeps no bytes: a packet of any size needs the same few words of memory.
/// Threads: one at a time. After an error neither the connection nor this object can be used any more.
class MqttFraming {
 public:
  MqttFraming(MqttVersion version, Sender sender) : version_(version), sender_(sender) {}

  /// A run of bytes within the fixed header of one packet, or behind it.
  struct Piece {
    std::size_t bytes = 0;  ///< of `input`, from its start, at least 1
    PacketType type = PacketType::connect;
    bool begins = false;       ///< the first of these bytes is the packet's first
    bool in_header = false;    ///< these bytes are the fixed header's
    bool header_ends = false;  ///< the last of these bytes is the fixed header's last: `packet` is known but for its id
    bool ends = false;         ///< the last of these bytes is the packet's last: all of `packet` is known
    Packet packet;
  };
  /// Looks at `input`, which goes on where the last piece ended and is not empty. The piece stops at the end of the
  /// fixed header, of the packet or of the input. Fails with Kind::corrupt and the reason when the sender breaks MQTT's
  /// framing.
  [[nodiscard]] Result<Piece> next(ByteView input);

  /// MQTT 5.0 section 2.1.1: type and flags, and a remaining length of up to four bytes.
  static constexpr std::size_t kHeaderBytesMax = 5;

  /// MQTT 5.0 section 4.13.1.
  static constexpr std::uint8_t kMalformed = 0x81;
  static constexpr std::uint8_t kProtocolError = 0x82;
  /// After a failure: the reason code for DISCONNECT. MQTT 5.0 section 3.14.2.1.
  [[nodiscard]] std::uint8_t reason() const { return reason_; }
  /// Every packet so far has ended.
  [[nodiscard]] bool between_packets() const { return at_ == Field::first_byte; }

 private:
  enum class Field { first_byte, length, topic_length, topic, id, rest };
  [[nodiscard]] Result<void> first_byte(std::uint8_t byte);
  [[nodiscard]] Result<void> length_byte(std::uint8_t byte);
  [[nodiscard]] Result<void> body_begins();
  void begin(Field field, std::uint32_t bytes);
  [[nodiscard]] Result<void> field_ends();
  [[nodiscard]] tl::unexpected<Error> malformed(const std::string& why, std::uint8_t reason = kMalformed);

  const MqttVersion version_;
  const Sender sender_;
  Field at_ = Field::first_byte;
  Packet packet_;
  std::uint32_t length_ = 0;      ///< the remaining length, as far as it is read
  unsigned length_bytes_ = 0;     ///< how many bytes that was
  std::uint32_t left_ = 0;        ///< bytes of the packet that are to come
  std::uint32_t field_left_ = 0;  ///< bytes of the field that are to come
  std::uint8_t reason_ = 0;
  std::uint16_t value_ = 0;  ///< the field's, where it is a number
};

}  // namespace edgeseal::transport
