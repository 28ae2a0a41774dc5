// SPDX-License-Identifier: GPL-3.0-or-later
// Compares what was asked of a broker with what it grants. Pure: no socket.
// Source: MQTT 5.0 (OASIS) sections 3.2.2 (CONNACK) and 3.9.3 (SUBACK); MQTT 3.1.1 the same.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "transport/ingest/source.h"
#include "transport/ingest/subscription_plan.h"
#include "transport/mqtt/connack.h"
#include "transport/mqtt/mqtt_options.h"
#include "transport/mqtt/topic_filter.h"

namespace edgeseal::transport {

/// Compares over all connections of one source. A broker may be mended at any time. When it grants what it did not
/// grant before, that is told, too.
/// Threads: one at a time.
class Grants {
 public:
  /// `session_expected`: the broker was left with a session by an earlier process.
  Grants(const MqttOptions& options, std::vector<Subscription> wanted, bool session_expected);

  /// A connection came up, and this is asked for on it.
  void connected(const Connack& connack, const SubscriptionPlan::Packets& packets);
  /// The SUBACK of one filter: its reason code, and that code in words.
  void answered(const std::string& filter, std::uint8_t code, const std::string& words);
  /// The UNSUBACK of one filter: whether the session has given it up, and its reason code in words.
  void given_up(const std::string& filter, bool gone, const std::string& words);

  /// Everything that is granted less than it was asked for, if that has changed since the last call.
  [[nodiscard]] std::optional<std::vector<Shortfall>> news();

 private:
  void judge(const Connack& connack);
  void judge_leftover(const std::string& filter, bool stays, const std::string& words);
  void judge_filter(const Subscription& wanted, const std::string& granted, std::uint8_t code);
  void set(bool falls_short, Shortfall shortfall);

  const MqttVersion version_;
  const std::string client_id_;
  const std::vector<Subscription> wanted_;
  bool session_expected_;
  std::map<std::string, Shortfall> shortfalls_;
  bool changed_ = false;
};

}  // namespace edgeseal::transport
