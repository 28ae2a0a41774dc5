// SPDX-License-Identifier: GPL-3.0-or-later
// A broker's session with one source of the gateway, and that source's end of the connection.
// Source: MQTT 5.0 sections 4.3, 4.4 and 4.9 (OASIS): QoS, redelivery, the window.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "tests/simulation/draw.h"
#include "tests/simulation/history.h"
#include "transport/ingest/source.h"
#include "transport/mqtt/message.h"

namespace edgeseal::test {

/// What a sensor publishes.
struct Published {
  std::uint64_t number = 0;
  std::string route;  ///< that wants it; empty: none
  std::string topic;
  std::string payload;
  std::uint8_t qos = 1;
  bool too_large = false;  ///< for the gateway to take
};

/// A message on its way into the committer.
struct Arrival {
  transport::ArrivalNumber number = 0;
  transport::ArrivalNumber acknowledged = 0;
  transport::Message message;
  bool too_large = false;  ///< only that it came is told
};

/// At least once for QoS 1, and for QoS 2 as far as the gateway sees it: what has not been acknowledged comes again on
/// the next connection, first and in order, with DUP and its packet identifier. QoS 0 comes once, if there is a
/// connection. Writes into the history what it sends and what is acknowledged.
class SimBroker {
 public:
  SimBroker(std::uint64_t window, History& history) : window_(window), history_(history) {}

  void publish(Published message);

  /// Nothing when there is a connection.
  void connect();
  /// Acknowledgements that are still under way may be lost with it.
  void disconnect(Draw& draw);
  /// The gateway's end is forgotten: arrivals are counted anew.
  void process_ended(Draw& draw);
  /// The broker forgets what it has sent and what waits.
  void lose_session(Draw& draw);

  /// The next message that the window lets through.
  [[nodiscard]] std::optional<Arrival> send(Now now);
  /// The committer releases everything up to and including `number`.
  void release(transport::ArrivalNumber number);

  /// Everything has been acknowledged.
  [[nodiscard]] bool idle() const { return waiting_.empty() && in_flight_.empty() && unreleased_.empty(); }

 private:
  struct InFlight {
    Published message;
    std::uint16_t packet_id;
    std::uint64_t sent_on = 0;  ///< connection, 0 for none of this process
  };
  struct Unreleased {
    transport::ArrivalNumber number;
    std::uint64_t connection;
    std::uint16_t packet_id;
    std::size_t sent;
  };
  void take_acknowledgements(std::size_t count);
  [[nodiscard]] std::uint16_t free_packet_id();
  /// Whether the window lets another new message through, if there is one.
  [[nodiscard]] bool next_fits() const;
  [[nodiscard]] Arrival arrive(const Published& message, std::uint16_t packet_id, bool dup, Now now);

  std::uint64_t window_;
  History& history_;

  // The broker's end.
  std::deque<Published> waiting_;
  std::deque<InFlight> in_flight_;
  std::deque<std::uint16_t> acknowledgements_;  ///< under way to the broker
  std::uint16_t newest_packet_id_ = 0;

  // The gateway's end.
  bool connected_ = false;
  std::uint64_t connection_ = 0;
  transport::ArrivalNumber newest_ = 0;
  transport::ArrivalNumber acknowledged_ = 0;
  std::deque<Unreleased> unreleased_;
};

}  // namespace edgeseal::test
