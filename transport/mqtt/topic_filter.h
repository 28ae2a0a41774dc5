// SPDX-License-Identifier: GPL-3.0-or-later
// MQTT topic filters: what they match and which of them are needed.
// Source: MQTT 5.0 (OASIS) section 4.7, shared subscriptions section 4.8; 3.1.1 section 4.7 says the same.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/form.h"

namespace edgeseal::transport {

struct Subscription {
  std::string filter;
  std::uint8_t qos = 1;  ///< the highest QoS with which messages come
  bool operator==(const Subscription&) const = default;
};

/// Whether a broker takes it. A filter has 1 to 65,535 bytes of UTF-8 without NUL, "#" only as the last level, "+" and
/// "#" only as whole levels; a shared one is "$share/NAME/FILTER" with a name free of wildcards.
[[nodiscard]] std::optional<Problem> topic_filter_form(std::string_view filter);

/// Whether a message published to `topic` belongs to `filter`. "#" matches the level above it, too. A filter that
/// begins with a wildcard matches no topic that begins with "$". Of "$share/NAME/FILTER" only FILTER counts. REQUIRES:
/// `filter` is valid.
[[nodiscard]] bool filter_matches(std::string_view filter, std::string_view topic);

/// Whether `covering` matches every topic that `covered` matches. A shared subscription gets only a share of the
/// messages, so it covers only its equals, and nothing else covers it. REQUIRES: both are valid.
[[nodiscard]] bool filter_covers(std::string_view covering, std::string_view covered);

/// The `subscriptions` that no other one covers, in their order. Together they bring the same messages. A subscription
/// that covers others gets the highest QoS of them all. Of equal ones the first stays.
[[nodiscard]] std::vector<Subscription> minimal_cover(const std::vector<Subscription>& subscriptions);

}  // namespace edgeseal::transport
