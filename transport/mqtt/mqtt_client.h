// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to an MQTT broker, through Eclipse Paho's asynchronous C++ client.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "transport/mqtt/connack.h"
#include "transport/mqtt/message.h"
#include "transport/mqtt/mqtt_options.h"
#include "transport/mqtt/subscribe_packet.h"

namespace edgeseal::transport {

class MqttClient;

/// What happens on a connection. All on Paho's receive thread, which every client of the process shares. What is thrown
/// (std::bad_alloc) ends the connection; on_closed and on_connack_unread must not throw.
class MqttClientListener {
 public:
  virtual ~MqttClientListener() = default;
  /// The broker accepted, and said this. Before the first message.
  /// The place to subscribe: `client` is the one that this is about, and may be ending already.
  virtual void on_connected(MqttClient& client, const Connack& connack) = 0;
  /// The broker accepted, and what it said could not be read for want of memory; on_closed follows.
  virtual void on_connack_unread() = 0;
  /// Never connected, or connected no longer: the last call, at most once. `why` is what the broker said; empty when it
  /// said nothing, and the reason lies in the connection.
  virtual void on_closed(const std::string& why) = 0;
  /// Paho writes the acknowledgement when this returns.
  virtual void on_message(Message message) = 0;
  /// The broker's answer about one of the filters asked for: the reason code of SUBACK, up to 2 the granted QoS, and in
  /// words. Not said of a connection that ends before the answer.
  virtual void on_subscription(const std::string& filter, std::uint8_t code, const std::string& words) = 0;
  /// The same about one of the filters given up: the reason code of UNSUBACK. MQTT 3.1.1 has none, so that is 0.
  virtual void on_unsubscription(const std::string& filter, std::uint8_t code, const std::string& words) = 0;
};

/// A connection from beginning to end: it is not made again. A new client for each keeps Paho from remembering
/// anything of the one before; the session itself is the broker's (clean start off, clean session off).
/// Nothing is written to disk: Paho's persistence is off. There is no last will.
///
/// Threads: start and the destructor on one thread, which is not Paho's; subscribe and unsubscribe within
///          on_connected.
/// Secrets: the password is read from its SecretRef by `start` and wiped before that returns; Paho keeps a copy of its
///          own until the client ends. Payloads are copied into memory that is wiped; Paho's copies are wiped by the
///          program's free() (crypto/base/wiping_free.cpp).
class MqttClient {
 public:
  /// Nothing is sent yet. `clock` and `listener` outlive the client. `options.url` is mqtt://HOST:PORT: TLS is the ack
  /// gate's. Fails with Kind::invalid for any other.
  [[nodiscard]] static Result<std::unique_ptr<MqttClient>> create(const MqttOptions& options, const Clock& clock,
                                                                  MqttClientListener& listener);
  /// Sends DISCONNECT if connected, and closes. No callback runs afterwards.
  ~MqttClient();
  MqttClient(const MqttClient&) = delete;
  MqttClient& operator=(const MqttClient&) = delete;

  /// Begins to connect; the listener learns the outcome. Fails with Kind::invalid when the password cannot be read.
  [[nodiscard]] Result<void> start();
  /// Asks for these; the listener learns the answer for each. Fails with Kind::transient when the connection is gone.
  [[nodiscard]] Result<void> subscribe(const std::vector<SubscribePacket>& packets);
  /// Gives up these, whether the session holds them or not; the listener learns the answer. Fails as `subscribe` does.
  [[nodiscard]] Result<void> unsubscribe(const std::vector<std::string>& filters);

 private:
  struct Parts;
  explicit MqttClient(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// "Paho MQTT C++ (mqttpp) v. 1.2", for --version.
[[nodiscard]] std::string mqtt_library_version();

}  // namespace edgeseal::transport
