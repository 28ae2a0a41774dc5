// SPDX-License-Identifier: GPL-3.0-or-later
// What the sender of an MQTT 5 message says of it, from the broker's PUBLISH to the owner's record.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"

namespace edgeseal {

/// PUBLISH properties of MQTT 5 (OASIS, section 3.3.2.3) that belong to the sender's message. All empty with 3.1.1.
/// transport/mqtt/paho_values.cpp fills them; agent/batch/batch_layout.h lists how they are written down.
struct MessageProperties {
  std::vector<std::pair<std::string, std::string>> user;  ///< in order; names may repeat
  std::optional<std::string> content_type;
  std::optional<std::string> response_topic;
  std::optional<Bytes> correlation_data;
  std::optional<std::uint8_t> payload_format;  ///< 0 bytes, 1 UTF-8
  std::optional<std::uint32_t> message_expiry_seconds;
  bool operator==(const MessageProperties&) const = default;
};

}  // namespace edgeseal
