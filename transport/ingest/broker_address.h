// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a broker's URL.
#pragma once
#include <cstdint>
#include <string>

#include "crypto/base/result.h"

namespace edgeseal::transport {

struct BrokerAddress {
  bool tls = false;
  std::string host;  ///< a name or an address; IPv6 without its brackets
  std::uint16_t port = 1883;
  bool operator==(const BrokerAddress&) const = default;
};

/// Reads mqtt://HOST[:PORT] or mqtts://HOST[:PORT]; an IPv6 address stands in brackets. Ports are 1883 and 8883 unless
/// given. Fails with Kind::invalid.
[[nodiscard]] Result<BrokerAddress> parse_broker_url(const std::string& url);

}  // namespace edgeseal::transport
