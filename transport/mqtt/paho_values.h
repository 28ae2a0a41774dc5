// SPDX-License-Identifier: GPL-3.0-or-later
// What Paho gives, as values of ours. Paho's headers are included here alone; mqtt_client.cpp uses them too.
#pragma once
#include <string>

// Paho's C++ message has the packet identifier, and shows it only through c_struct(), which its headers declare for
// their own tests. That is an inline accessor in each class and nothing else: no layout changes with it.
#define UNIT_TESTS
#include <mqtt/async_client.h>
#undef UNIT_TESTS

#include "transport/mqtt/connack.h"
#include "transport/mqtt/message.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::transport {

/// The MQTT 5 properties of a PUBLISH, into `message`.
void take_properties(const mqtt::properties& given, Message& message);

/// What the broker said, in words and as its number. Below 0 the number is Paho's own.
[[nodiscard]] std::string reason_text(MqttVersion version, int code);

[[nodiscard]] Connack connack_of(const mqtt::connect_response& response);

}  // namespace edgeseal::transport
