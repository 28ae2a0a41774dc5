// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/mqtt/mqtt_client.h"

#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include <MQTTAsync.h>

#include "crypto/base/secret_bytes.h"
#include "crypto/base/wipe.h"

namespace edgeseal::transport {
namespace {

constexpr int kConnectTimeoutSeconds = 20;
constexpr std::uint32_t kSessionNeverExpires = 0xFFFFFFFF;  // MQTT 5.0 section 3.1.2.11.2

std::string text_of(const MQTTLenString& string) { return {string.data, static_cast<std::size_t>(string.len)}; }

MessageProperties properties_of(const MQTTProperties& given) {
  MessageProperties properties;
  for (int i = 0; i < given.count; ++i) {
    const MQTTProperty& property = given.array[i];
    switch (property.identifier) {
      case MQTTPROPERTY_CODE_USER_PROPERTY:
        properties.user.emplace_back(text_of(property.value.data), text_of(property.value.value));
        break;
      case MQTTPROPERTY_CODE_CONTENT_TYPE:
        properties.content_type = text_of(property.value.data);
        break;
      case MQTTPROPERTY_CODE_RESPONSE_TOPIC:
        properties.response_topic = text_of(property.value.data);
        break;
      case MQTTPROPERTY_CODE_CORRELATION_DATA: {
        const std::string data = text_of(property.value.data);
        properties.correlation_data = Bytes(data.begin(), data.end());
        break;
      }
      case MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR:
        properties.payload_format = property.value.byte;
        break;
      case MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL:
        properties.message_expiry_seconds = property.value.integer4;
        break;
      default:
        break;  // topic alias and subscription identifier belong to the connection, not to the message
    }
  }
  return properties;
}

/// What the broker said, in words and as its number. Below 0 the number is Paho's own.
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

}  // namespace

struct MqttClient::Parts {
  /// What Paho hands back with the outcome of a subscription.
  struct Asked {
    Parts* parts;
    std::string filter;
    static Asked& of(void* context) { return *static_cast<Asked*>(context); }
    void answered(const std::string& refusal) const { parts->listener.on_subscription(filter, refusal); }
  };

  // set once
  MqttOptions options;
  const Clock& clock;
  MqttClientListener& listener;
  MQTTAsync handle = nullptr;
  MqttClient* client = nullptr;
  // the owner's thread only
  std::vector<std::unique_ptr<Asked>> asked;
  // Paho's threads only
  std::string broker_farewell;  ///< the reason of a DISCONNECT from the broker
  bool closed = false;

  Parts(const MqttOptions& given, const Clock& the_clock, MqttClientListener& the_listener)
      : options(given), clock(the_clock), listener(the_listener) {}

  void close(const std::string& why) {
    if (std::exchange(closed, true)) return;
    listener.on_closed(why);
  }

  void connected(int session_present) { listener.on_connected(*client, session_present != 0); }

  void connect_failed(int code) {
    close(code > 0 ? "the broker refused the connection: " + reason_text(options.version, code) : "");
  }

  void message_arrived(const char* topic, int topic_size, const MQTTAsync_message& given) {
    const auto* payload = static_cast<const std::uint8_t*>(given.payload);
    Message message;
    message.topic = topic_size == 0 ? std::string(topic) : std::string(topic, static_cast<std::size_t>(topic_size));
    message.payload.assign(payload, payload + given.payloadlen);
    message.qos = static_cast<std::uint8_t>(given.qos);
    message.retain = given.retained != 0;
    message.dup = given.dup != 0;
    message.packet_id = static_cast<std::uint16_t>(given.msgid);
    message.received = clock.now().wall;
    message.properties = properties_of(given.properties);
    listener.on_message(std::move(message));
  }

  static Parts& of(void* context) { return *static_cast<Parts*>(context); }

  void set_callbacks() {
    const auto arrived = [](void* context, char* topic, int topic_size, MQTTAsync_message* message) {
      of(context).message_arrived(topic, topic_size, *message);
      wipe(message->payload, static_cast<std::size_t>(message->payloadlen));
      MQTTAsync_freeMessage(&message);
      MQTTAsync_free(topic);
      return 1;
    };
    const auto lost = [](void* context, char*) {
      Parts& parts = of(context);
      parts.close(parts.broker_farewell);
    };
    const auto farewell = [](void* context, MQTTProperties*, MQTTReasonCodes code) {
      of(context).broker_farewell = "the broker disconnected: " + reason_text(MqttVersion::v5, code);
    };
    MQTTAsync_setCallbacks(handle, this, lost, arrived, nullptr);
    MQTTAsync_setDisconnected(handle, this, farewell);
  }

  void set_outcomes(MQTTAsync_connectOptions& connect) {
    connect.context = this;
    if (options.version == MqttVersion::v5) {
      connect.onSuccess5 = [](void* context, MQTTAsync_successData5* data) {
        of(context).connected(data->alt.connect.sessionPresent);
      };
      connect.onFailure5 = [](void* context, MQTTAsync_failureData5* data) { of(context).connect_failed(data->code); };
    } else {
      connect.onSuccess = [](void* context, MQTTAsync_successData* data) {
        of(context).connected(data->alt.connect.sessionPresent);
      };
      connect.onFailure = [](void* context, MQTTAsync_failureData* data) { of(context).connect_failed(data->code); };
    }
  }
};

MqttClient::MqttClient(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

MqttClient::~MqttClient() { MQTTAsync_destroy(&parts_->handle); }

Result<std::unique_ptr<MqttClient>> MqttClient::create(const MqttOptions& options, const Clock& clock,
                                                       MqttClientListener& listener) {
  constexpr const char* kFix = "write mqtt://HOST:PORT";
  if (!options.url.starts_with("mqtt://")) return fail(Kind::invalid, "not plain MQTT", options.url, kFix);
  auto parts = std::make_unique<Parts>(options, clock, listener);
  MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
  create.MQTTVersion = options.version == MqttVersion::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
  const int made = MQTTAsync_createWithOptions(&parts->handle, options.url.c_str(), options.client_id.c_str(),
                                               MQTTCLIENT_PERSISTENCE_NONE, nullptr, &create);
  if (made != MQTTASYNC_SUCCESS) {
    return fail(Kind::invalid, std::string("not a usable broker: ") + MQTTAsync_strerror(made), options.url, kFix);
  }
  parts->set_callbacks();
  std::unique_ptr<MqttClient> client(new MqttClient(std::move(parts)));
  client->parts_->client = client.get();
  return client;
}

Result<void> MqttClient::start() {
  const MqttOptions& options = parts_->options;
  const bool v5 = options.version == MqttVersion::v5;
  MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer;
  if (v5) {
    connect = MQTTAsync_connectOptions_initializer5;
    connect.cleanstart = 0;
  } else {
    connect.cleansession = 0;
    connect.MQTTVersion = MQTTVERSION_3_1_1;
  }
  connect.keepAliveInterval = static_cast<int>(options.keep_alive.count());
  connect.connectTimeout = kConnectTimeoutSeconds;
  connect.maxInflight = options.receive_maximum;
  parts_->set_outcomes(connect);

  SecretBytes password;
  if (!options.username.empty()) connect.username = options.username.c_str();
  if (options.password) {
    auto read = options.password->read();
    if (!read) return failed(read, "broker password");
    password = std::move(*read);
    connect.binarypwd.data = password.reveal().data();
    connect.binarypwd.len = static_cast<int>(password.size());
  }

  MQTTProperties properties = MQTTProperties_initializer;
  if (v5) {
    MQTTProperty expiry{};
    expiry.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL;
    expiry.value.integer4 = kSessionNeverExpires;
    MQTTProperties_add(&properties, &expiry);
    MQTTProperty receive{};
    receive.identifier = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM;
    receive.value.integer2 = options.receive_maximum;
    MQTTProperties_add(&properties, &receive);
    connect.connectProperties = &properties;
  }
  const int begun = MQTTAsync_connect(parts_->handle, &connect);
  MQTTProperties_free(&properties);
  if (begun != MQTTASYNC_SUCCESS) return fail(Kind::invalid, MQTTAsync_strerror(begun), options.url);
  return {};
}

Result<void> MqttClient::subscribe(const std::vector<Subscription>& subscriptions) {
  for (const Subscription& subscription : subscriptions) {
    parts_->asked.push_back(std::make_unique<Parts::Asked>(Parts::Asked{parts_.get(), subscription.filter}));
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.context = parts_->asked.back().get();
    if (parts_->options.version == MqttVersion::v5) {
      response.subscribeOptions.retainHandling = 1;  // MQTT 5.0 section 3.8.3.1
      response.onSuccess5 = [](void* context, MQTTAsync_successData5*) { Parts::Asked::of(context).answered({}); };
      response.onFailure5 = [](void* context, MQTTAsync_failureData5* data) {
        Parts::Asked::of(context).answered(reason_text(MqttVersion::v5, data->reasonCode));
      };
    } else {
      response.onSuccess = [](void* context, MQTTAsync_successData*) { Parts::Asked::of(context).answered({}); };
      response.onFailure = [](void* context, MQTTAsync_failureData*) {
        Parts::Asked::of(context).answered("refused without a reason");
      };
    }
    const int sent = MQTTAsync_subscribe(parts_->handle, subscription.filter.c_str(), subscription.qos, &response);
    if (sent != MQTTASYNC_SUCCESS) return fail(Kind::transient, MQTTAsync_strerror(sent), subscription.filter);
  }
  return {};
}

Result<void> MqttClient::unsubscribe(const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    const int sent = MQTTAsync_unsubscribe(parts_->handle, filter.c_str(), &response);
    if (sent != MQTTASYNC_SUCCESS) return fail(Kind::transient, MQTTAsync_strerror(sent), filter);
  }
  return {};
}

}  // namespace edgeseal::transport
