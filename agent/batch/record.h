// SPDX-License-Identifier: GPL-3.0-or-later
// One sensor message, as a batch holds it.
#pragma once
#include <cstdint>
#include <string>

#include "crypto/base/message_properties.h"
#include "crypto/base/time.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

struct Record {
  WallTime received;
  std::string topic;
  PlainBytes payload;
  std::uint8_t qos = 0;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;
  std::uint64_t connection = 0;
  MessageProperties properties;
  bool operator==(const Record&) const = default;
};

}  // namespace edgeseal::agent
