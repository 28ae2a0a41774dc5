// SPDX-License-Identifier: GPL-3.0-or-later
// An MQTT application message as it came, with all its parts. Terms: MQTT 5.0 section 3.3 (OASIS).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "crypto/base/message_properties.h"
#include "crypto/base/time.h"
#include "crypto/base/wipe.h"

namespace edgeseal::transport {

struct Message {
  std::string topic;
  PlainBytes payload;
  std::uint8_t qos = 0;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;   ///< 0 with QoS 0
  std::uint64_t connection = 0;  ///< how many connections this process had made to the broker when it came, from 1
  WallTime received;
  MessageProperties properties;
  /// The identifiers of the subscriptions for which it came (MQTT 5.0 section 3.3.2.3.8). They belong to the
  /// connection, not to what was published. Empty if it has none, or has one that the source did not give.
  std::vector<std::uint32_t> subscription_ids{};
};

}  // namespace edgeseal::transport
