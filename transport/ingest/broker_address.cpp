// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/broker_address.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "transport/ingest/broker_form.h"

namespace edgeseal::transport {
namespace {

constexpr std::string_view kPlain = "mqtt://";
constexpr std::string_view kTls = "mqtts://";

}  // namespace

Result<BrokerAddress> parse_broker_url(const std::string& url) {
  if (auto problem = broker_url_form(url)) return fail_form("url", std::move(*problem), url);
  BrokerAddress address;
  address.tls = url.starts_with(kTls);
  if (address.tls) address.port = 8883;
  const std::string_view server = std::string_view(url).substr((address.tls ? kTls : kPlain).size());
  const bool in_brackets = server.starts_with('[');
  const std::size_t host_end = in_brackets ? server.find(']') + 1 : std::min(server.find(':'), server.size());
  address.host = in_brackets ? server.substr(1, host_end - 2) : server.substr(0, host_end);
  if (host_end < server.size()) {
    const std::string_view port = server.substr(host_end + 1);
    std::from_chars(port.data(), port.data() + port.size(), address.port);
  }
  return address;
}

}  // namespace edgeseal::transport
