// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of what MqttOptions says of a broker.
#pragma once
#include "crypto/base/form.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::transport {

/// mqtt://HOST[:PORT] or mqtts://HOST[:PORT]; IPv6 in brackets, no user name, no path.
[[nodiscard]] std::optional<Problem> broker_url_form(std::string_view text);

/// A client id or a user name: 1 to 1,024 bytes of UTF-8 without NUL (MQTT 5.0 section 1.5.4).
[[nodiscard]] std::optional<Problem> mqtt_text_form(std::string_view text);

/// A host name or an address, as certificates and SNI have them: no port, IPv6 without brackets.
[[nodiscard]] std::optional<Problem> server_name_form(std::string_view text);

/// Whether values of good form fit together: nothing when they do.
[[nodiscard]] std::optional<Misfit> broker_misfit(const MqttOptions& options);

/// All of the above: what MqttSource takes. Fails with Kind::invalid.
[[nodiscard]] Result<void> check_broker(const MqttOptions& options);

}  // namespace edgeseal::transport
