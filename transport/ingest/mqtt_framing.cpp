// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/mqtt_framing.h"

#include <algorithm>
#include <array>
#include <limits>

namespace edgeseal::transport {
namespace {

constexpr std::uint32_t kAny = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint8_t kAnyFlags = 0xFF;
constexpr unsigned kLengthBytesMax = MqttFraming::kHeaderBytesMax - 1;  // MQTT 5.0 section 1.5.5

struct Rule {
  std::string_view name;
  std::uint8_t flags;         ///< section 2.1.3
  bool from_client;           ///< section 2.1.2, "direction of flow"
  bool from_broker;           ///< the same
  bool has_id;                ///< section 2.2.1; a PUBLISH has one with QoS 1 and 2
  std::uint32_t length_min;   ///< remaining length, MQTT 5
  std::uint32_t length_max;   ///< the same
  std::uint32_t length_min3;  ///< the same, MQTT 3.1.1
  std::uint32_t length_max3;  ///< the same; 0 and above its minimum: the packet does not exist
};

constexpr std::array<Rule, 16> kRules{{
    {"reserved", 0, false, false, false, 0, 0, 0, 0},
    {"CONNECT", 0, true, false, false, 13, kAny, 12, kAny},
    {"CONNACK", 0, false, true, false, 3, kAny, 2, 2},
    {"PUBLISH", kAnyFlags, true, true, false, 3, kAny, 2, kAny},
    {"PUBACK", 0, true, true, true, 2, kAny, 2, 2},
    {"PUBREC", 0, true, true, true, 2, kAny, 2, 2},
    {"PUBREL", 2, true, true, true, 2, kAny, 2, 2},
    {"PUBCOMP", 0, true, true, true, 2, kAny, 2, 2},
    {"SUBSCRIBE", 2, true, false, true, 6, kAny, 5, kAny},
    {"SUBACK", 0, false, true, true, 4, kAny, 3, kAny},
    {"UNSUBSCRIBE", 2, true, false, true, 5, kAny, 4, kAny},
    {"UNSUBACK", 0, false, true, true, 4, kAny, 2, 2},
    {"PINGREQ", 0, true, false, false, 0, 0, 0, 0},
    {"PINGRESP", 0, false, true, false, 0, 0, 0, 0},
    {"DISCONNECT", 0, true, true, false, 0, kAny, 0, 0},
    {"AUTH", 0, true, true, false, 0, kAny, 1, 0},
}};

const Rule& rule_of(PacketType type) { return kRules[static_cast<std::size_t>(type)]; }

}  // namespace

std::string_view packet_name(PacketType type) { return rule_of(type).name; }

tl::unexpected<Error> MqttFraming::malformed(const std::string& why, std::uint8_t reason) {
  reason_ = reason;
  return fail(Kind::corrupt, std::string("malformed MQTT from the ") +
                                 (sender_ == Sender::client ? "client: " : "broker: ") +
                                 std::string(packet_name(packet_.type)) + ": " + why);
}

Result<void> MqttFraming::first_byte(std::uint8_t byte) {
  packet_ = {.type = static_cast<PacketType>(byte >> 4), .flags = static_cast<std::uint8_t>(byte & 15), .bytes = 1};
  const Rule& rule = rule_of(packet_.type);
  const bool v5 = version_ == MqttVersion::v5;
  if (!v5 && rule.length_min3 > rule.length_max3) return malformed("not a packet of MQTT 3.1.1");
  if (!(sender_ == Sender::client ? rule.from_client : rule.from_broker))
    return malformed("not for this side to send", kProtocolError);
  if (!v5 && packet_.type == PacketType::disconnect && sender_ == Sender::broker) {
    return malformed("not for this side to send", kProtocolError);  // 3.1.1 section 3.14
  }
  if (packet_.type == PacketType::publish) {
    if (packet_.qos() == 3) return malformed("QoS 3");                                // [MQTT-3.3.1-4]
    if (packet_.qos() == 0 && packet_.dup()) return malformed("DUP set with QoS 0");  // [MQTT-3.3.1-2]
  } else if (packet_.flags != rule.flags) {
    return malformed("wrong flags");  // [MQTT-2.1.3-1]
  }
  length_ = length_bytes_ = 0;
  at_ = Field::length;
  return {};
}

Result<void> MqttFraming::length_byte(std::uint8_t byte) {
  length_ |= static_cast<std::uint32_t>(byte & 0x7F) << (7 * length_bytes_);
  ++length_bytes_;
  ++packet_.bytes;
  const bool more = (byte & 0x80) != 0;
  if (more && length_bytes_ == kLengthBytesMax) return malformed("remaining length of more than four bytes");
  if (more) return {};
  if (byte == 0 && length_bytes_ > 1) return malformed("remaining length not in its shortest form");  // [MQTT-1.5.5-1]
  packet_.bytes += length_;
  left_ = length_;
  return body_begins();
}

Result<void> MqttFraming::body_begins() {
  const Rule& rule = rule_of(packet_.type);
  const bool v5 = version_ == MqttVersion::v5;
  if (length_ < (v5 ? rule.length_min : rule.length_min3)) return malformed("too short");
  if (length_ > (v5 ? rule.length_max : rule.length_max3)) return malformed("too long");
  if (packet_.type == PacketType::publish) {
    begin(Field::topic_length, 2);
  } else if (rule.has_id) {
    begin(Field::id, 2);
  } else {
    begin(Field::rest, left_);
  }
  return {};
}

void MqttFraming::begin(Field field, std::uint32_t bytes) {
  at_ = field;
  field_left_ = bytes;
  value_ = 0;
}

Result<void> MqttFraming::field_ends() {
  switch (at_) {
    case Field::topic_length: {
      const std::uint32_t id_bytes = packet_.qos() > 0 ? 2 : 0;
      if (value_ + id_bytes > left_) return malformed("its topic is longer than the packet");
      begin(Field::topic, value_);
      return {};
    }
    case Field::topic:
      begin(packet_.qos() > 0 ? Field::id : Field::rest, packet_.qos() > 0 ? 2 : left_);
      return {};
    case Field::id:
      packet_.id = value_;
      if (packet_.id == 0) return malformed("packet identifier 0", kProtocolError);  // [MQTT-2.2.1-2], [MQTT-2.2.1-3]
      begin(Field::rest, left_);
      return {};
    case Field::rest:
      at_ = Field::first_byte;
      return {};
    case Field::first_byte:
    case Field::length:
      break;
  }
  return {};
}

Result<MqttFraming::Piece> MqttFraming::next(ByteView input) {
  Piece piece;
  piece.begins = between_packets();
  piece.in_header = at_ <= Field::length;
  for (;;) {
    // A field of no bytes, as an empty topic or rest, ends before the next byte.
    while (at_ > Field::length && field_left_ == 0) {
      if (auto ended = field_ends(); !ended) return failed(ended);
      if (between_packets()) {
        piece.ends = true;
        piece.packet = packet_;
        piece.type = packet_.type;
        return piece;
      }
    }
    piece.type = packet_.type;
    if (piece.header_ends || piece.bytes == input.size()) return piece;
    if (at_ <= Field::length) {
      const std::uint8_t byte = input[piece.bytes++];
      if (auto fine = at_ == Field::first_byte ? first_byte(byte) : length_byte(byte); !fine) return failed(fine);
      piece.header_ends = at_ > Field::length;
      piece.packet = packet_;
    } else if (at_ == Field::topic || at_ == Field::rest) {
      const auto step = static_cast<std::uint32_t>(std::min<std::size_t>(field_left_, input.size() - piece.bytes));
      piece.bytes += step;
      field_left_ -= step;
      left_ -= step;
    } else {
      value_ = static_cast<std::uint16_t>((value_ << 8) | input[piece.bytes++]);
      --field_left_;
      --left_;
    }
  }
}

}  // namespace edgeseal::transport
