// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/broker_address.h"

#include <charconv>
#include <string_view>

namespace edgeseal::transport {
namespace {

constexpr std::string_view kPlain = "mqtt://";
constexpr std::string_view kTls = "mqtts://";

tl::unexpected<Error> unusable(const std::string& url, const std::string& why) {
  return fail(Kind::invalid, "not a usable broker: " + why, url, "write mqtt://HOST:PORT or mqtts://HOST:PORT");
}

}  // namespace

Result<BrokerAddress> parse_broker_url(const std::string& url) {
  BrokerAddress address;
  std::string_view rest = url;
  if (rest.starts_with(kTls)) {
    address.tls = true;
    address.port = 8883;
    rest.remove_prefix(kTls.size());
  } else if (rest.starts_with(kPlain)) {
    rest.remove_prefix(kPlain.size());
  } else {
    return unusable(url, "neither mqtt:// nor mqtts://");
  }
  std::size_t host_bytes = rest.find(':');
  if (rest.starts_with('[')) {
    const std::size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos) return unusable(url, "no ] after the address");
    address.host = rest.substr(1, bracket - 1);
    host_bytes = bracket + 1;
  } else {
    address.host = rest.substr(0, host_bytes);
  }
  if (address.host.empty()) return unusable(url, "no host");
  if (address.host.find_first_of("/?#@ ") != std::string::npos)
    return unusable(url, "only a host and a port belong here");
  if (host_bytes >= rest.size()) return address;

  const std::string_view port = rest.substr(host_bytes);
  const char* const end = port.data() + port.size();
  const auto [stopped, problem] = std::from_chars(port.data() + 1, end, address.port);
  if (port.front() != ':' || problem != std::errc{} || stopped != end || address.port == 0) {
    return unusable(url, "the port is not a number from 1 to 65535");
  }
  return address;
}

}  // namespace edgeseal::transport
