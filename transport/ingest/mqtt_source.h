// SPDX-License-Identifier: GPL-3.0-or-later
// The broker as a Source: a persistent session, whose acknowledgements wait for their release.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/time.h"
#include "transport/ingest/source.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::transport {

/// Subscribes and hands every message on, in order, with all its parts.
/// Each connection has a Paho client and an ack gate of its own: Paho speaks to the gate on loopback, the gate to the
/// broker, in TLS if the URL says so. A kept session makes the connections one stream of messages.
/// The listener is called on Paho's receive thread, which all sources of the process share, and on the source's own.
/// While it blocks, no message comes to any of them, and `stop` waits for it.
/// It also asks for the broker's own count of dropped messages, unless a configured filter brings it already; that
/// count is reported and is no arrival.
/// Memory: what is not released is bounded. With QoS 1 and 2 the gate stops reading from the broker (receive_maximum
/// messages or 32 MiB); QoS 0 is dropped past 16 MiB and reported, and what is larger than packet_bytes_max is skipped
/// and reported.
class MqttSource final : public Source {
 public:
  /// `remembered`: filters that the broker's kept session may still hold. Those that are not wanted any more are
  /// unsubscribed. `clock` outlives this.
  /// `session_expected`: the broker should hold a session that an earlier process left there.
  MqttSource(MqttOptions options, const std::vector<Subscription>& subscriptions,
             const std::vector<std::string>& remembered, const Clock& clock, bool session_expected = false);
  ~MqttSource() override;
  [[nodiscard]] Result<void> start(SourceListener& listener) override;
  void release(ArrivalNumber number) override;
  void stop() override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgeseal::transport
