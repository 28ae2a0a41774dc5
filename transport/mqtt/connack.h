// SPDX-License-Identifier: GPL-3.0-or-later
// What a broker says when it accepts a connection. Source: MQTT 5.0 (OASIS) section 3.2; 3.1.1 has the first alone.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace edgeseal::transport {

/// What is absent has the meaning that section 3.2.2.3 gives to its absence.
struct Connack {
  bool session_present = false;
  std::optional<std::uint16_t> server_keep_alive_seconds{};  ///< to be used instead of ours
  std::optional<std::uint32_t> session_expiry_seconds{};     ///< what is kept instead of what was asked
  std::uint8_t qos_max = 2;
  std::uint32_t packet_bytes_max = std::numeric_limits<std::uint32_t>::max();  ///< of what we send
  bool wildcards_available = true;
  bool shared_available = true;
  bool subscription_ids_available = true;
  std::string assigned_client_id{};  ///< empty: ours
};

}  // namespace edgeseal::transport
