// SPDX-License-Identifier: GPL-3.0-or-later
// What can be said of MQTT topic filters without a broker.
// Source: MQTT 5.0 section 4.7 (MQTT 3.1.1 section 4.7 says the same).
#pragma once
#include <optional>
#include <string_view>

#include "config/diagnostics.h"

namespace edgeseal::config {

/// Why `filter` is none: empty, longer than 65,535 bytes, a # that is not the last level, a # or + that is not a whole
/// level, NUL; a shared subscription that is not $share/NAME/FILTER (section 4.8).
[[nodiscard]] std::optional<Problem> check_topic_filter(std::string_view filter);

/// Every topic that matches `inner` also matches `outer`. Both must be valid. A shared subscription
/// covers only its equal and is covered by no other: it has a share of the messages, not all.
[[nodiscard]] bool covers(std::string_view outer, std::string_view inner);

}  // namespace edgeseal::config
