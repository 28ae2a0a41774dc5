// SPDX-License-Identifier: GPL-3.0-or-later
// Which options of a source can never work, told before the first attempt to connect.
#pragma once
#include <vector>

#include "crypto/base/result.h"
#include "transport/ingest/broker_address.h"
#include "transport/mqtt/mqtt_options.h"
#include "transport/mqtt/topic_filter.h"

namespace edgeseal::transport {

/// The broker's address, if password and certificates can be read and the rest has the form that MQTT wants. Fails with
/// Kind::invalid.
[[nodiscard]] Result<BrokerAddress> check_options(const MqttOptions& options, const std::vector<Subscription>& wanted);

}  // namespace edgeseal::transport
