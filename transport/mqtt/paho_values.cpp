// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/mqtt/paho_values.h"

#include <array>

namespace edgeseal::transport {
namespace {

std::string text_of(const MQTTLenString& text) {
  return text.data == nullptr ? std::string() : std::string(text.data, static_cast<std::size_t>(text.len));
}

}  // namespace

/// One walk over Paho's array: its count() and get() walk it anew for each.
void take_properties(const mqtt::properties& given, Message& message) {
  MessageProperties& properties = message.properties;
  const MQTTProperties& all = given.c_struct();
  for (int i = 0; i < all.count; ++i) {
    const MQTTProperty& each = all.array[i];
    switch (each.identifier) {
      case MQTTPROPERTY_CODE_USER_PROPERTY:
        properties.user.emplace_back(text_of(each.value.data), text_of(each.value.value));
        break;
      case MQTTPROPERTY_CODE_CONTENT_TYPE:
        properties.content_type = text_of(each.value.data);
        break;
      case MQTTPROPERTY_CODE_RESPONSE_TOPIC:
        properties.response_topic = text_of(each.value.data);
        break;
      case MQTTPROPERTY_CODE_CORRELATION_DATA: {
        const std::string data = text_of(each.value.data);
        properties.correlation_data = Bytes(data.begin(), data.end());
        break;
      }
      case MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR:
        properties.payload_format = static_cast<std::uint8_t>(each.value.byte);
        break;
      case MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL:
        properties.message_expiry_seconds = each.value.integer4;
        break;
      case MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER:
        message.subscription_ids.push_back(each.value.integer4);
        break;
      default:
        break;  // a topic alias belongs to the connection, not to the message
    }
  }
}

std::string reason_text(MqttVersion version, int code) {
  static constexpr std::array<const char*, 6> kConnackV3{
      "accepted",           "unacceptable protocol version", "identifier rejected",
      "server unavailable", "bad user name or password",     "not authorized"};  // MQTT 3.1.1 section 3.2.2.3
  const char* text = nullptr;
  if (version == MqttVersion::v5) {
    text = MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(code));
  } else if (code > 0 && static_cast<std::size_t>(code) < kConnackV3.size()) {
    text = kConnackV3[static_cast<std::size_t>(code)];
  }
  return std::string(text == nullptr ? "reason" : text) + " (" + std::to_string(code) + ")";
}

Connack connack_of(const mqtt::connect_response& response) {
  Connack connack{.session_present = response.is_session_present()};
  const MQTTProperties& given = response.get_properties().c_struct();
  for (int i = 0; i < given.count; ++i) {
    const MQTTProperty& each = given.array[i];
    switch (each.identifier) {
      case MQTTPROPERTY_CODE_SERVER_KEEP_ALIVE:
        connack.server_keep_alive_seconds = each.value.integer2;
        break;
      case MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL:
        connack.session_expiry_seconds = each.value.integer4;
        break;
      case MQTTPROPERTY_CODE_MAXIMUM_QOS:
        connack.qos_max = each.value.byte;
        break;
      case MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE:
        connack.packet_bytes_max = each.value.integer4;
        break;
      case MQTTPROPERTY_CODE_WILDCARD_SUBSCRIPTION_AVAILABLE:
        connack.wildcards_available = each.value.byte != 0;
        break;
      case MQTTPROPERTY_CODE_SHARED_SUBSCRIPTION_AVAILABLE:
        connack.shared_available = each.value.byte != 0;
        break;
      case MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIERS_AVAILABLE:
        connack.subscription_ids_available = each.value.byte != 0;
        break;
      case MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFER:
        connack.assigned_client_id = text_of(each.value.data);
        break;
      default:
        break;  // receive and topic alias maximum bound what we would publish, and we publish nothing
    }
  }
  return connack;
}

}  // namespace edgeseal::transport
