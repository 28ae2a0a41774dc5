// SPDX-License-Identifier: GPL-3.0-or-later
// How to reach an MQTT broker.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "crypto/base/secret_ref.h"

namespace edgeseal::transport {

enum class MqttVersion { v3_1_1, v5 };

/// TLS 1.2 or newer, server certificate and host name always checked.
struct TlsOptions {
  std::string ca{};           ///< PEM file; empty: the system's store
  std::string cert{};         ///< client certificate chain, PEM; empty: none
  std::string key{};          ///< its private key, PEM
  std::string server_name{};  ///< name to check and send as SNI instead of the URL's host; empty: the URL's
};

struct MqttOptions {
  std::string url = "mqtt://127.0.0.1:1883";  ///< mqtt://host[:port] or mqtts://host[:port]; ports 1883 and 8883
  MqttVersion version = MqttVersion::v5;
  std::string client_id{};  ///< names the broker's kept session; two clients with one id throw each other out
  std::string username{};   ///< empty: none
  std::optional<SecretRef> password{};
  TlsOptions tls{};  ///< used with mqtts://
  std::chrono::seconds keep_alive{30};
  /// QoS 1 and 2 messages that the broker may have in flight towards us (MQTT 5).
  std::uint16_t receive_maximum = 1000;
  /// The largest PUBLISH that is taken, in bytes on the wire. Larger ones are skipped and reported. With MQTT 5 the
  /// broker is told, and discards them itself; mosquitto 2.0.11 then tells nobody. A higher value lets larger messages
  /// through, and one message takes several times its size in memory.
  std::uint32_t packet_bytes_max = 16 << 20;
};

/// What to add to a reason of which a second client with the same id is the cause.
[[nodiscard]] inline std::string same_client_id(const std::string& client_id) {
  return "; another client uses the client id \"" + client_id +
         "\" and the two throw each other out: give each an id of its own (source.client_id)";
}

}  // namespace edgeseal::transport
