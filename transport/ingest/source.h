// SPDX-License-Identifier: GPL-3.0-or-later
// Where messages come from, and how their acknowledgements are released: messages in, acks out.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "transport/mqtt/message.h"
#include "transport/mqtt/topic_filter.h"

namespace edgeseal::transport {

/// Counts the messages that a source has handed over, from 1, without gaps.
using ArrivalNumber = std::uint64_t;

/// Why a message of QoS 0 was dropped: too many bytes of them wait for their release, or it was too large itself.
enum class Qos0Loss { too_many, too_large };

/// One thing of which the broker grants less than was asked.
struct Shortfall {
  std::string what;  ///< "subscription plant/#", "the session"; each stands once
  std::string asked;
  std::string granted;
  std::string advice;    ///< what follows, and what to change at the broker
  bool refused = false;  ///< a subscription of which nothing is granted: its messages will not come, the others do
  bool operator==(const Shortfall&) const = default;
};

/// What happens at a source. Called on the source's own threads; must not block for long and must not throw.
class SourceListener {
 public:
  virtual ~SourceListener() = default;
  /// A message has come. It is not acknowledged before `release(number)`, or a release of a later number.
  virtual void on_message(ArrivalNumber number, Message message) = 0;
  /// The connection came up; `session_present` as the broker's CONNACK said.
  virtual void on_connected(std::uint64_t connection, bool session_present) = 0;
  /// The connection went down, or an attempt to make one failed; `why` names the cause. Another attempt follows.
  virtual void on_disconnected(const std::string& why) = 0;
  /// The broker's kept session holds less than it may have held: `all` filters that it may hold now. What is left there
  /// by the next process has to be remembered.
  virtual void on_subscriptions(const std::vector<std::string>& /*all*/) {}
  /// What the broker grants less than was asked has changed; `all` of it as it is now. It holds until it is said anew,
  /// also while there is no connection.
  virtual void on_shortfalls(const std::vector<Shortfall>& /*all*/) {}
  /// The acknowledgement of a released message has been handed to the connection. What was released and not told here
  /// will be sent again by the broker: DUP set, same packet identifier, same content. QoS 0 has no acknowledgement.
  virtual void on_acknowledged(ArrivalNumber /*number*/) {}
  /// A QoS 0 message was dropped. It has no number.
  virtual void on_dropped(const std::string& /*topic*/, Qos0Loss /*why*/) {}
  /// A message of more bytes than MqttOptions::packet_bytes_max came and was skipped. It has a number, and its
  /// acknowledgement waits for the release as any other's.
  virtual void on_too_large(ArrivalNumber /*number*/, const std::string& /*topic*/, std::uint64_t /*bytes*/) {}
  /// The broker's own count of messages that it has dropped ($SYS/broker/publish/messages/dropped), for all its
  /// clients, since the broker started. Said on each connection once it is known, and whenever it changes. Never said
  /// by a broker that has no such count, or does not let us read it.
  virtual void on_broker_dropped(std::uint64_t /*total*/) {}
};

class Source {
 public:
  virtual ~Source() = default;
  /// Connects, and keeps connecting until `stop`: an unreachable broker is not an error here. Messages may arrive at
  /// once. Fails with Kind::invalid for options that can never work (an unreadable certificate, an unreadable
  /// password).
  [[nodiscard]] virtual Result<void> start(SourceListener& listener) = 0;
  /// Everything up to and including `number` is committed: its acknowledgements may go. Any thread.
  virtual void release(ArrivalNumber number) = 0;
  /// Ends: no callback runs after this returns. What was not released stays with the broker, unacknowledged.
  virtual void stop() = 0;
};

}  // namespace edgeseal::transport
