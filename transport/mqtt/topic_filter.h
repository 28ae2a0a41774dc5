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

/// Whether a message published to `topic` belongs to `filter`, which is valid. "#" matches the level above it too; a
/// filter that begins with a wildcard matches no topic that begins with "$". Of "$share/NAME/FILTER" the last counts.
[[nodiscard]] bool filter_matches(std::string_view filter, std::string_view topic);

/// Whether every topic that `covered` matches is matched by `covering` too. Both are valid. A shared subscription
/// covers only its equals and is covered by no other: it has a share of the messages, not all.
[[nodiscard]] bool filter_covers(std::string_view covering, std::string_view covered);

/// Those of `subscriptions` that no other of them covers, in their order: together they bring the same messages. One
/// that covers others has the highest QoS of all of them. Of equal ones the first stays.
[[nodiscard]] std::vector<Subscription> minimal_cover(const std::vector<Subscription>& subscriptions);

}  // namespace edgeseal::transport
