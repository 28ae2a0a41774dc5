// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/mqtt/mqtt_client.h"

#include <utility>

#include "crypto/base/secret_bytes.h"
#include "transport/mqtt/paho_values.h"

namespace edgeseal::transport {
namespace {

constexpr std::chrono::seconds kConnectTimeout{20};
constexpr const char* kAnswerLost = "an answer of the broker's could not be taken";
constexpr std::int32_t kSessionNeverExpires = -1;  // 0xFFFFFFFF on the wire: MQTT 5.0 section 3.1.2.11.2

/// The outcome of connecting, or of one subscription.
class Outcome final : public mqtt::iaction_listener {
 public:
  using Said = std::function<void(const mqtt::token&)>;
  Outcome(Said success, Said failure) : success_(std::move(success)), failure_(std::move(failure)) {}
  void on_success(const mqtt::token& token) override { success_(token); }
  void on_failure(const mqtt::token& token) override { failure_(token); }

 private:
  Said success_;
  Said failure_;
};

}  // namespace

struct MqttClient::Parts final : mqtt::callback {
  // set once
  MqttOptions options;
  const Clock& clock;
  MqttClientListener& listener;
  MqttClient* owner = nullptr;
  // the owner's thread until `start` connects, then Paho's
  std::vector<std::unique_ptr<Outcome>> outcomes;
  // Paho's threads only
  bool connected = false;
  bool closed = false;
  // last: its destructor ends the callbacks, which use all of the above
  mqtt::async_client paho;

  Parts(const MqttOptions& given, const Clock& the_clock, MqttClientListener& the_listener)
      : options(given),
        clock(the_clock),
        listener(the_listener),
        paho(given.url, given.client_id,
             mqtt::create_options(given.version == MqttVersion::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1), nullptr) {
    paho.set_callback(*this);
    // For a DISCONNECT from the broker. Paho does not say connection_lost then.
    paho.set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode code) {
      shield("the broker disconnected, and its reason could not be told", [&] {
        std::string why = "the broker disconnected: " + reason_text(MqttVersion::v5, code);
        if (code == mqtt::ReasonCode::SESSION_TAKEN_OVER) why += same_client_id(options.client_id);
        close(why);
      });
    });
  }

  void close(const std::string& why) noexcept {
    if (std::exchange(closed, true)) return;
    listener.on_closed(why);
  }

  /// Does `work` on Paho's thread, through whose C code an exception would end the process. One (std::bad_alloc) ends
  /// the connection instead: the broker sends again what is not acknowledged.
  template <typename Work>
  void shield(const char* problem, Work work) noexcept {
    try {
      work();
    } catch (const std::exception& error) {
      try {
        close(std::string(problem) + ": " + error.what());
      } catch (const std::exception&) {
        close("out of memory");  // short enough to need none
      }
    }
  }

  void connection_lost(const std::string& /*cause*/) override { close(""); }

  void message_arrived(mqtt::const_message_ptr given) override {
    if (closed) return;  // behind one that was not taken nothing may be released
    shield("a message could not be taken", [&] { take(*given); });
  }

  void take(const mqtt::message& given) {
    const std::string& payload = given.get_payload();
    Message message;
    message.topic = given.get_topic();
    append(message.payload, as_bytes(payload));
    message.qos = static_cast<std::uint8_t>(given.get_qos());
    message.retain = given.is_retained();
    message.dup = given.is_duplicate();
    message.packet_id = static_cast<std::uint16_t>(given.c_struct().msgid);
    message.received = clock.now().wall;
    if (!given.get_properties().empty()) take_properties(given.get_properties(), message);
    listener.on_message(std::move(message));
  }

  Outcome& outcome(Outcome::Said success, Outcome::Said failure) {
    outcomes.push_back(std::make_unique<Outcome>(std::move(success), std::move(failure)));
    return *outcomes.back();
  }

  [[nodiscard]] Connack read_connack(const mqtt::token& token) {
    try {
      return connack_of(token.get_connect_response());
    } catch (const std::exception&) {
      listener.on_connack_unread();
      throw;
    }
  }

  Outcome& connecting() {
    return outcome(
        [this](const mqtt::token& token) {
          if (std::exchange(connected, true)) return;  // Paho C++ 1.2 says it twice
          shield("the broker's answer could not be taken", [&] { listener.on_connected(*owner, read_connack(token)); });
        },
        [this](const mqtt::token& token) {
          shield("the broker refused the connection", [&] {
            const int code = token.get_return_code();
            close(code > 0 ? "the broker refused the connection: " + reason_text(options.version, code) : "");
          });
        });
  }

  Outcome& subscribing(const std::string& filter) {
    const bool v5 = options.version == MqttVersion::v5;
    const auto answer = [this, filter, v5](int given) {
      shield(kAnswerLost, [&] {
        const auto code = static_cast<std::uint8_t>(given);
        listener.on_subscription(filter, code, v5 ? reason_text(MqttVersion::v5, code) : "refused without a reason");
      });
    };
    return outcome(
        [this, answer, v5](const mqtt::token& token) {
          // Paho takes only 0x80 for a refusal with 3.1.1, and hands on every other code as a QoS.
          shield(kAnswerLost, [&] {
            answer(v5 ? token.get_reason_code() : token.get_subscribe_response().get_reason_codes().at(0));
          });
        },
        [answer, v5](const mqtt::token& token) {
          if (token.get_return_code() < 0) return;                            // Paho's own: no answer came
          answer(v5 ? static_cast<int>(token.get_reason_code()) : kRefused);  // MQTT 3.1.1 section 3.9.3 has no other
        });
  }

  Outcome& unsubscribing(const std::string& filter) {
    const bool v5 = options.version == MqttVersion::v5;
    const auto answer = [this, filter, v5](const mqtt::token& token) {
      if (token.get_return_code() < 0) return;  // Paho's own: no answer came
      shield(kAnswerLost, [&] {
        const int code = v5 ? static_cast<int>(token.get_reason_code()) : 0;
        listener.on_unsubscription(filter, static_cast<std::uint8_t>(code), reason_text(options.version, code));
      });
    };
    return outcome(answer, answer);
  }

  /// With the password in it: `connect` lives no longer than `start`. It is filled where it stands, for Paho C++ 1.2
  /// leaves the properties of a moved or copied object pointing into the old one.
  [[nodiscard]] Result<void> fill(mqtt::connect_options& connect) const {
    const bool v5 = options.version == MqttVersion::v5;
    connect.set_mqtt_version(v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1);
    v5 ? connect.set_clean_start(false) : connect.set_clean_session(false);
    connect.set_keep_alive_interval(options.keep_alive);
    connect.set_connect_timeout(kConnectTimeout);
    connect.set_max_inflight(options.receive_maximum);
    if (!options.username.empty()) connect.set_user_name(options.username);
    if (options.password) {
      auto password = options.password->read_line();
      if (!password) return failed(password, "broker password");
      connect.set_password(mqtt::binary_ref(std::string(as_text(password->reveal()))));
    }
    if (v5) {
      mqtt::properties properties;
      properties.add({mqtt::property::SESSION_EXPIRY_INTERVAL, kSessionNeverExpires});
      properties.add({mqtt::property::RECEIVE_MAXIMUM, options.receive_maximum});
      properties.add({mqtt::property::MAXIMUM_PACKET_SIZE, static_cast<std::int32_t>(options.packet_bytes_max)});
      connect.set_properties(std::move(properties));
    }
    return {};
  }
};

MqttClient::MqttClient(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) { parts_->owner = this; }

MqttClient::~MqttClient() = default;

Result<std::unique_ptr<MqttClient>> MqttClient::create(const MqttOptions& options, const Clock& clock,
                                                       MqttClientListener& listener) {
  constexpr const char* kFix = "write mqtt://HOST:PORT";
  if (!options.url.starts_with("mqtt://")) return fail(Kind::invalid, "not plain MQTT", options.url, kFix);
  // Paho remembers its last 400 steps, among them the first 20 bytes of each payload. Below this level it does not.
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
  try {
    return std::unique_ptr<MqttClient>(new MqttClient(std::make_unique<Parts>(options, clock, listener)));
  } catch (const mqtt::exception& error) {
    return fail(Kind::invalid, std::string("not a usable broker: ") + error.what(), options.url, kFix);
  }
}

Result<void> MqttClient::start() {
  mqtt::connect_options connect;
  if (auto filled = parts_->fill(connect); !filled) return filled;
  try {
    parts_->paho.connect(connect, nullptr, parts_->connecting());
  } catch (const mqtt::exception& error) {
    return fail(Kind::invalid, error.what(), parts_->options.url);
  }
  return {};
}

Result<void> MqttClient::subscribe(const std::vector<SubscribePacket>& packets) {
  for (const SubscribePacket& packet : packets) {
    const auto& [filter, qos] = packet.subscription;
    mqtt::subscribe_options options;
    options.set_retain_handling(packet.retained == Retained::always
                                    ? mqtt::subscribe_options::SEND_RETAINED_ON_SUBSCRIBE
                                    : mqtt::subscribe_options::SEND_RETAINED_ON_NEW);
    mqtt::properties properties;
    if (packet.id) properties.add({mqtt::property::SUBSCRIPTION_IDENTIFIER, static_cast<std::int32_t>(*packet.id)});
    try {
      parts_->paho.subscribe(filter, qos, nullptr, parts_->subscribing(filter), options, properties);
    } catch (const mqtt::exception& error) {
      return fail(Kind::transient, error.what(), filter);
    }
  }
  return {};
}

Result<void> MqttClient::unsubscribe(const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    try {
      parts_->paho.unsubscribe(filter, nullptr, parts_->unsubscribing(filter));
    } catch (const mqtt::exception& error) {
      return fail(Kind::transient, error.what(), filter);
    }
  }
  return {};
}

std::string mqtt_library_version() { return mqtt::VERSION_STR; }

}  // namespace edgeseal::transport
