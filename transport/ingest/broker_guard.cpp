// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/broker_guard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/base/utf8.h"
#include "crypto/base/wire.h"

namespace edgeseal::transport {
namespace {

// MQTT 5.0 section 3.14.2.1
constexpr std::uint8_t kMalformed = MqttFraming::kMalformed;
constexpr std::uint8_t kProtocolError = MqttFraming::kProtocolError;
constexpr std::uint8_t kTopicAliasInvalid = 0x94;
constexpr std::uint8_t kPacketTooLarge = 0x95;

constexpr std::size_t kUserPropertyBytesMin = 5;  // of control packets only these may come again and again
constexpr std::size_t kPahoGrowth = 10;           // MQTTProperties_add: ten more, and all are copied
constexpr std::size_t kPahoPropertyBytes = 40;
constexpr std::size_t kPahoCopiesMax = std::size_t{8} << 20;
constexpr std::size_t copies_of(std::size_t count) { return count * count / kPahoGrowth / 2 * kPahoPropertyBytes; }
static_assert(copies_of(kPropertiesMax) <= kPahoCopiesMax);
static_assert(kControlBytesMax / kUserPropertyBytesMin <= kPropertiesMax);

enum class Form : std::uint8_t { none, byte, two, four, variable, text, binary, pair };
struct PropertyRule {
  Form form = Form::none;
  bool in_publish = false;
};

/// Section 2.2.2.2, by identifier.
constexpr auto kProperties = [] {
  std::array<PropertyRule, 43> rules{};
  rules[1] = {Form::byte, true};
  rules[2] = {Form::four, true};
  rules[3] = rules[8] = {Form::text, true};
  rules[9] = {Form::binary, true};
  rules[11] = {Form::variable, true};
  rules[17] = rules[24] = rules[39] = {Form::four};
  rules[18] = rules[21] = rules[26] = rules[28] = rules[31] = {Form::text};
  rules[19] = rules[33] = rules[34] = {Form::two};
  rules[35] = {Form::two, true};
  rules[22] = {Form::binary};
  rules[23] = rules[25] = rules[36] = rules[37] = rules[40] = rules[41] = rules[42] = {Form::byte};
  rules[38] = {Form::pair, true};
  return rules;
}();
constexpr std::size_t kPayloadFormat = 1;
constexpr std::size_t kSubscriptionId = 11;
constexpr std::size_t kTopicAlias = 35;
constexpr std::size_t kUserProperty = 38;

/// Section 1.5.5: nothing if it is not whole, or not in its shortest form.
std::optional<std::uint32_t> variable(WireReader& in) {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const auto byte = in.u8();
    if (!byte || (*byte == 0 && shift > 0)) return std::nullopt;
    value |= static_cast<std::uint32_t>(*byte & 0x7F) << shift;
    if ((*byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

bool skip_binary(WireReader& in) {
  const auto length = in.u16();
  return length && in.bytes(*length);
}

/// Reads over one value; a number is returned. Nothing if the value is not whole.
std::optional<std::uint32_t> value_of(Form form, WireReader& in) {
  switch (form) {
    case Form::byte:
      return in.u8();
    case Form::two:
      return in.u16();
    case Form::four:
      return in.u32();
    case Form::variable:
      return variable(in);
    case Form::text:
    case Form::binary:
      return skip_binary(in) ? std::optional<std::uint32_t>(0) : std::nullopt;
    case Form::pair:
      return skip_binary(in) && skip_binary(in) ? std::optional<std::uint32_t>(0) : std::nullopt;
    case Form::none:
      break;
  }
  return std::nullopt;
}

}  // namespace

tl::unexpected<Error> BrokerGuard::refuse(std::uint8_t reason, const std::string& why) {
  reason_ = reason;
  return fail(Kind::corrupt, "malformed MQTT from the broker: " + std::string(packet_name(packet_.type)) + ": " + why);
}

Result<std::optional<BrokerGuard::Judged>> BrokerGuard::take(const MqttFraming::Piece& piece, ByteView bytes) {
  if (piece.begins) {
    forget_head();
    too_large_ = false;
    holds_ = true;
  }
  if (!holds_) return std::nullopt;
  append(head_, bytes);
  if (piece.in_header) {
    if (!piece.header_ends) return std::nullopt;
    packet_ = piece.packet;
    header_bytes_ = head_.size();
    if (auto fine = header_came(); !fine) return failed(fine);
  }
  auto whole = complete(piece.ends);
  if (!whole) return failed(whole);
  if (!*whole) return std::nullopt;
  holds_ = false;
  return Judged{packet_, too_large_, ByteView(head_).first(header_bytes_), ByteView(head_).subspan(header_bytes_)};
}

void BrokerGuard::forget_head() {
  wipe(head_.data(), head_.size());
  head_.clear();
}

Result<void> BrokerGuard::header_came() {
  const PacketType type = packet_.type;
  if (type == PacketType::connack) {
    if (connected_) return refuse(kProtocolError, "a second one");  // section 3.2
    connected_ = true;
  } else if (!connected_ && type != PacketType::auth && type != PacketType::disconnect) {
    return refuse(kProtocolError, "before CONNACK");  // [MQTT-3.2.0-1]
  }
  if (type == PacketType::publish) {
    too_large_ = packet_.bytes > packet_bytes_max_;
  } else if (const auto most = std::min(packet_bytes_max_, kControlBytesMax); packet_.bytes > most) {
    return refuse(kPacketTooLarge,
                  std::to_string(packet_.bytes) + " bytes, and " + std::to_string(most) + " are taken");
  }
  return {};
}

/// Whether the head is whole; if so, it is judged.
Result<bool> BrokerGuard::complete(bool ends) {
  if (packet_.type != PacketType::publish) {
    if (!ends) return false;
    if (packet_.type == PacketType::pubrel) {
      packet_.id = WireReader(ByteView(head_).subspan(header_bytes_)).u16().value_or(0);
    }
    if (auto fine = judge_control(); !fine) return failed(fine);
    return true;
  }
  WireReader in(ByteView(head_).subspan(header_bytes_));
  const auto topic_bytes = in.u16();
  const auto topic = topic_bytes ? in.bytes(*topic_bytes) : std::nullopt;
  if (!topic) return false;
  if (packet_.qos() > 0) {
    const auto id = in.u16();
    if (!id) return false;
    packet_.id = *id;
  }
  if (too_large_ || version_ == MqttVersion::v3_1_1) {
    // With an alias the topic may be empty, which is told only by properties that are not kept here.
    if (auto fine = judge_topic(as_text(*topic)); !fine) return failed(fine);
    return true;
  }
  const std::size_t length_from = in.position();
  const auto length = variable(in);
  if (!length) {
    if (!ends && head_.size() - header_bytes_ - length_from < 4) return false;
    return refuse(kMalformed, "its property length");
  }
  if (header_bytes_ + in.position() + *length > packet_.bytes)
    return refuse(kMalformed, "its properties are longer than the packet");
  if (*length > kPropertyBytesMax) {
    too_large_ = true;
    if (auto fine = judge_topic(as_text(*topic)); !fine) return failed(fine);
    return true;
  }
  const auto section = in.bytes(*length);
  if (!section) return false;
  auto many = judge_properties(*section);
  if (!many) return failed(many);
  if (auto fine = judge_topic(as_text(*topic)); !fine) return failed(fine);
  too_large_ = *many;
  return true;
}

Result<void> BrokerGuard::judge_topic(std::string_view topic) {
  if (topic.empty()) return refuse(kProtocolError, "an empty topic");                              // section 3.3.2.1
  if (!is_utf8(topic)) return refuse(kMalformed, "a topic that is not UTF-8");                     // [MQTT-1.5.4-1]
  if (topic.find('\0') != std::string_view::npos) return refuse(kMalformed, "U+0000 in a topic");  // [MQTT-1.5.4-2]
  if (topic.find_first_of("+#") != std::string_view::npos) {
    return refuse(kMalformed, "a wildcard in a topic");  // [MQTT-3.3.2-2]
  }
  return {};
}

/// What follows the packet's own fields: sections 3.2.2, 3.4.2, 3.9.2, 3.14.2, 3.15.2. We ask for one filter at a time,
/// so a SUBACK and an UNSUBACK have one reason code [MQTT-3.8.4-6], [MQTT-3.11.3-1].
Result<void> BrokerGuard::judge_control() {
  WireReader in(ByteView(head_).subspan(header_bytes_));
  const auto judge_codes = [&]() -> Result<void> {
    if (in.left() == 1) return {};
    return refuse(kProtocolError, std::to_string(in.left()) + " reason codes for one filter");
  };
  if (version_ == MqttVersion::v3_1_1) {
    if (packet_.type != PacketType::suback || !in.bytes(2)) return {};
    return judge_codes();
  }
  std::size_t before = 0;
  bool optional = true;
  switch (packet_.type) {
    case PacketType::connack:
    case PacketType::suback:
    case PacketType::unsuback:
      before = 2;
      optional = false;
      break;
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      before = 3;
      break;
    case PacketType::disconnect:
    case PacketType::auth:
      before = 1;
      break;
    default:
      return {};
  }
  if (!in.bytes(before)) return {};
  if (in.left() == 0 && optional) return {};
  const auto length = variable(in);
  if (!length) return refuse(kMalformed, "its property length");
  const auto section = in.bytes(*length);
  if (!section) return refuse(kMalformed, "its properties are longer than the packet");
  if (auto judged = judge_properties(*section); !judged) return failed(judged);
  if (packet_.type != PacketType::suback && packet_.type != PacketType::unsuback) return {};
  return judge_codes();
}

/// Whether there are too many. One walk over the section.
Result<bool> BrokerGuard::judge_properties(ByteView section) {
  const bool publish = packet_.type == PacketType::publish;
  std::array<bool, kProperties.size()> seen{};
  std::size_t count = 0;
  for (WireReader in(section); in.left() > 0; ++count) {
    const auto id = variable(in);
    if (!id || *id >= kProperties.size() || kProperties[*id].form == Form::none)
      return refuse(kMalformed, "an unknown property");
    const PropertyRule& rule = kProperties[*id];
    const auto name = [&] { return "property " + std::to_string(*id); };
    const auto value = value_of(rule.form, in);
    if (!value) return refuse(kMalformed, name() + " is not whole");
    if (publish && !rule.in_publish) return refuse(kProtocolError, name() + " does not belong here");
    if (*id != kUserProperty && !(publish && *id == kSubscriptionId) && std::exchange(seen[*id], true)) {
      return refuse(kProtocolError, name() + " comes twice");
    }
    if (*id == kTopicAlias) return refuse(kTopicAliasInvalid, "a topic alias, and none is granted");  // [MQTT-3.3.2-9]
    if (*id == kPayloadFormat && *value > 1) return refuse(kProtocolError, "payload format " + std::to_string(*value));
    if (*id == kSubscriptionId && *value == 0) return refuse(kProtocolError, "subscription identifier 0");
  }
  return count > kPropertiesMax;
}

}  // namespace edgeseal::transport
