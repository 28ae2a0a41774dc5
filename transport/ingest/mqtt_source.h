// SPDX-License-Identifier: GPL-3.0-or-later
// The broker as a Source: a persistent session of Paho's asynchronous client.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/time.h"
#include "transport/ingest/source.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::transport {

/// Subscribes and hands every message on, in order, with all its parts.
/// Until the ack gate stands, Paho writes the acknowledgement when its callback returns: so the callback waits for the
/// release of its own message, and messages come one at a time.
class MqttSource final : public Source {
 public:
  /// `stale_filters` are unsubscribed after connecting: the kept session may still hold them. `clock` outlives this.
  MqttSource(MqttOptions options, std::vector<Subscription> subscriptions, std::vector<std::string> stale_filters,
             const Clock& clock);
  ~MqttSource() override;
  [[nodiscard]] Result<void> start(SourceListener& listener) override;
  void release(ArrivalNumber number) override;
  void stop() override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgeseal::transport
