// SPDX-License-Identifier: GPL-3.0-or-later
// The form of MqttOptions::url.
#pragma once
#include "crypto/base/form.h"

namespace edgeseal::transport {

/// mqtt://HOST[:PORT] or mqtts://HOST[:PORT]; IPv6 in brackets, no user name, no path.
[[nodiscard]] std::optional<Problem> broker_url_form(std::string_view text);

}  // namespace edgeseal::transport
