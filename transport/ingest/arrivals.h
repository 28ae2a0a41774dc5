// SPDX-License-Identifier: GPL-3.0-or-later
// The messages that a source has handed over, from their numbers to their acknowledgements. Pure: no socket.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "transport/ingest/source.h"

namespace edgeseal::transport {

/// Numbers messages as they come. An acknowledgement belongs to the connection that brought its message. On the next
/// connection the broker sends that message again.
/// Threads: one at a time.
class Arrivals {
 public:
  /// Of QoS 0, waiting for their release.
  static constexpr std::uint64_t kQos0BytesMax = std::uint64_t{16} << 20;
  /// Each message counts for this besides its topic and payload.
  static constexpr std::uint64_t kOverheadBytes = 256;

  /// Gives a number to a message that has come on its `connection`. Gives none to a message of QoS 0 when too many
  /// bytes of QoS 0 wait for their release, because nothing else holds QoS 0 back.
  [[nodiscard]] std::optional<ArrivalNumber> came(const Message& message);
  /// Everything up to and including `number` is committed. Returns the packet identifiers of `connection` among it.
  [[nodiscard]] std::vector<std::uint16_t> release(ArrivalNumber number, std::uint64_t connection);
  /// The acknowledgement with this packet identifier, which `release` has returned, is written. Returns whose it was.
  [[nodiscard]] ArrivalNumber acknowledged(std::uint16_t packet_id);
  /// Forgets what was released and is not acknowledged: it will not be acknowledged any more.
  void connection_ended() { releasing_.clear(); }

 private:
  struct Arrival {
    ArrivalNumber number = 0;
    std::uint64_t connection = 0;
    std::uint16_t packet_id = 0;  ///< 0 with QoS 0
    std::uint64_t bytes = 0;
  };
  ArrivalNumber arrived_ = 0;
  std::deque<Arrival> waiting_;    ///< for their release
  std::deque<Arrival> releasing_;  ///< released; the acknowledgement has not gone yet
  std::uint64_t qos0_bytes_ = 0;   ///< of those waiting
};

}  // namespace edgeseal::transport
