// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/option_check.h"

#include <utility>

#include "transport/ingest/broker_form.h"
#include "transport/ingest/tls_stream.h"
#include "transport/mqtt/topic_filter.h"

namespace edgeseal::transport {

Result<BrokerAddress> check_options(const MqttOptions& options, const std::vector<Subscription>& wanted) {
  if (auto usable = check_broker(options); !usable) return failed(usable);
  auto address = parse_broker_url(options.url);
  if (!address) return failed(address);
  for (const Subscription& each : wanted) {
    if (auto problem = topic_filter_form(each.filter)) return fail_form("topics", std::move(*problem), each.filter);
  }
  if (options.password) {
    if (auto readable = options.password->read_line(); !readable) return failed(readable, "broker password");
  }
  if (address->tls) {
    if (auto usable = TlsContext::load(options.tls); !usable) return failed(usable);
  }
  return address;
}

}  // namespace edgeseal::transport
