// SPDX-License-Identifier: GPL-3.0-or-later
// The count of messages that a broker has dropped, as mosquitto publishes it: mosquitto(8), "Broker Status".
#pragma once
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "crypto/base/bytes.h"

namespace edgeseal::transport {

/// Retained, and published anew when it has changed.
inline constexpr const char* kDropCountTopic = "$SYS/broker/publish/messages/dropped";

/// More than any broker drops, and as much as a database's integer holds.
inline constexpr std::uint64_t kDropCountMax = std::numeric_limits<std::int64_t>::max();

/// The count in the payload of such a message; nothing when that is no decimal number up to kDropCountMax.
[[nodiscard]] inline std::optional<std::uint64_t> read_drop_count(ByteView payload) {
  const std::string_view text = as_text(payload);
  std::uint64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem != std::errc{} || end != text.data() + text.size() || count > kDropCountMax) return std::nullopt;
  return count;
}

}  // namespace edgeseal::transport
