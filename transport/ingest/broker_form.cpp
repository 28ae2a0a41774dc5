// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/broker_form.h"

#include "crypto/base/url_form.h"

namespace edgeseal::transport {

std::optional<Problem> broker_url_form(std::string_view text) {
  static constexpr std::array<SchemeSlip, 4> kSlips = {
      {{"tcp", "mqtt"}, {"ssl", "mqtts"}, {"tls", "mqtts"}, {"MQTT", "mqtt"}}};
  return server_url_form(text, {"mqtt", "mqtts"}, kSlips, "write username: and password: beside url:");
}

}  // namespace edgeseal::transport
