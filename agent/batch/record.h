// SPDX-License-Identifier: GPL-3.0-or-later
// One sensor message, as a batch holds it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/time.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// MQTT 5 PUBLISH properties of the sender (MQTT 5.0 section 3.3.2.3). All empty on 3.1.1.
struct RecordProperties {
  std::vector<std::pair<std::string, std::string>> user;
  std::optional<std::string> content_type;
  std::optional<std::string> response_topic;
  std::optional<Bytes> correlation_data;
  std::optional<std::uint8_t> payload_format;
  std::optional<std::uint32_t> message_expiry_seconds;
  bool operator==(const RecordProperties&) const = default;
};

struct Record {
  WallTime received;
  std::string topic;
  PlainBytes payload;
  std::uint8_t qos = 0;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;
  std::uint64_t connection = 0;
  RecordProperties properties;
  bool operator==(const Record&) const = default;
};

}  // namespace edgeseal::agent
