// SPDX-License-Identifier: GPL-3.0-or-later
// What one SUBSCRIBE asks for. Source: MQTT 5.0 (OASIS) section 3.8.
#pragma once
#include <cstdint>
#include <optional>

#include "transport/mqtt/topic_filter.h"

namespace edgeseal::transport {

inline constexpr std::uint8_t kQosMax = 2;
/// MQTT 5.0 section 2.4: reason codes from this one on are refusals.
inline constexpr std::uint8_t kRefused = 0x80;

/// Which retained messages a SUBSCRIBE brings: MQTT 5.0 section 3.8.3.1. With 3.1.1 it always brings all.
enum class Retained { if_new, always };

/// Always one filter: a subscription identifier is the packet's, not the filter's.
struct SubscribePacket {
  Subscription subscription;
  std::optional<std::uint32_t> id{};  ///< comes back with each message: section 3.8.2.1.2, MQTT 5 only
  Retained retained = Retained::if_new;
  bool operator==(const SubscribePacket&) const = default;
};

}  // namespace edgeseal::transport
