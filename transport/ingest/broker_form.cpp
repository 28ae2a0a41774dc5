// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/broker_form.h"

#include <utility>

#include "crypto/base/url_form.h"
#include "crypto/base/utf8.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kTextBytesMax = 1024;
constexpr std::string_view kTls = "mqtts://";

/// `text` may be empty: then the setting is not made.
Result<void> check_form(Form form, std::string_view setting, const std::string& text) {
  if (text.empty()) return {};
  if (auto problem = form(text)) return fail_form(setting, std::move(*problem), text);
  return {};
}

}  // namespace

std::optional<Problem> broker_url_form(std::string_view text) {
  static constexpr std::array<SchemeSlip, 4> kSlips = {
      {{"tcp", "mqtt"}, {"ssl", "mqtts"}, {"tls", "mqtts"}, {"MQTT", "mqtt"}}};
  return server_url_form(text, {"mqtt", "mqtts"}, kSlips, "write username: and password: beside url:");
}

std::optional<Problem> mqtt_text_form(std::string_view text) {
  if (text.empty()) return Problem{"at least one character"};
  if (text.size() > kTextBytesMax) return Problem{"at most 1,024 bytes"};
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) return Problem{"UTF-8 without NUL"};
  return std::nullopt;
}

std::optional<Problem> server_name_form(std::string_view text) {
  if (is_host(text)) return std::nullopt;
  return Problem{"a host name or an address, without a port"};
}

std::optional<Misfit> broker_misfit(const MqttOptions& options) {
  const TlsOptions& tls = options.tls;
  const bool any_tls = !tls.ca.empty() || !tls.cert.empty() || !tls.key.empty() || !tls.server_name.empty();
  if (any_tls && !options.url.starts_with(kTls)) {
    return Misfit{.setting = "tls",
                  .problem = {.expected = "an mqtts:// url with these", .fix = "write url: mqtts://…"},
                  .found = in_quotes(options.url)};
  }
  if (tls.cert.empty() != tls.key.empty()) {
    return Misfit{.setting = tls.cert.empty() ? "tls.key" : "tls.cert",
                  .problem = {"cert and key together"},
                  .found = tls.cert.empty() ? "key alone" : "cert alone"};
  }
  if (options.password && options.username.empty() && options.version == MqttVersion::v3_1_1) {
    return Misfit{
        .setting = "password", .problem = {"a username with it (MQTT 3.1.1 section 3.1.2.9)"}, .found = "none"};
  }
  return std::nullopt;
}

Result<void> check_broker(const MqttOptions& options) {
  if (auto problem = broker_url_form(options.url)) return fail_form("url", std::move(*problem), options.url);
  if (auto good = check_form(mqtt_text_form, "client_id", options.client_id); !good) return good;
  if (auto good = check_form(mqtt_text_form, "username", options.username); !good) return good;
  if (auto good = check_form(server_name_form, "tls.server_name", options.tls.server_name); !good) return good;
  if (options.receive_maximum == 0) {  // MQTT 5.0 section 3.1.2.11.3
    return fail_misfit({.setting = "receive_maximum", .problem = {"a number from 1 to 65535"}, .found = "0"});
  }
  if (options.packet_bytes_max == 0) {  // MQTT 5.0 section 3.1.2.11.4
    return fail_misfit({.setting = "max_packet", .problem = {"at least 1 byte"}, .found = "0 bytes"});
  }
  if (auto misfit = broker_misfit(options)) return fail_misfit(std::move(*misfit));
  return {};
}

}  // namespace edgeseal::transport
