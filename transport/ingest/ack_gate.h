// SPDX-License-Identifier: GPL-3.0-or-later
// Stands between Paho and the broker, and keeps acknowledgements back until what they acknowledge is committed.
// Paho has no manual acknowledgement: it writes PUBACK or PUBREC when its callback returns. Waiting in that callback
// would take one commit a message (measured: 4,300 messages/s; with the gate 35,000).
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "transport/ingest/stream.h"
#include "transport/ingest/wake.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::transport {

/// Why a connection ends whose thread could get no memory. Short enough for a std::string to need none itself.
inline constexpr const char* kOutOfMemory = "out of memory";

struct AckGateOptions {
  MqttVersion version = MqttVersion::v5;
  /// Past this many unacknowledged messages, or bytes of them, the gate reads no more from the broker. More lets a slow
  /// commit fall further behind before the link stops, and takes as much memory. A broker that keeps to the receive
  /// maximum stops by itself; mosquitto 2.0.11 does not once messages queue (window 20: five acknowledgements released
  /// 121 messages).
  std::size_t unacknowledged_max = 1000;
  std::uint64_t unacknowledged_bytes_max = std::uint64_t{32} << 20;
  std::uint32_t packet_bytes_max = MqttOptions{}.packet_bytes_max;
};

/// A relay of bytes for one connection, on a loopback port. Everything passes at once, except PUBACK, PUBREC and
/// PUBCOMP of the client (see AckLedger), and what of the broker's is too large (see OversizeFilter). It looks at no
/// more of a packet than its type, length, topic and packet identifier.
///
/// Sleeps:  each side is read at most every few milliseconds while it trickles, and not at all while nothing comes: at
///          1,000 messages/s a relay that wakes for each packet costs half as much CPU again as Paho itself. Read at
///          once are a broker with a small window, and a client that the broker waits for.
/// Bounded: fixed buffers both ways. While the gate does not read from the broker it answers the client's PINGREQ by
///          itself (and passes it on, and drops the broker's late PINGRESP), so that acknowledgements may be held for
///          longer than the keep-alive.
/// Threads: run and finish on one thread; all else on any.
class AckGate {
 public:
  /// Called by run and finish: acknowledgements that have been handed to the broker's connection, in order.
  using OnWritten = std::function<void(const std::vector<std::uint16_t>& packet_ids)>;
  /// Called by run: a QoS 0 message was too large, and nothing of it came to the client.
  using OnSkipped = std::function<void(const std::string& topic)>;

  /// Listens. `broker` is connected; `wake` outlives the gate, which clears it. Fails with Kind::fault.
  [[nodiscard]] static Result<std::unique_ptr<AckGate>> open(std::unique_ptr<Stream> broker,
                                                             const AckGateOptions& options, Wake& wake,
                                                             OnWritten on_written, OnSkipped on_skipped);
  ~AckGate();

  /// Where the client must connect: 127.0.0.1, this port, once, from this process.
  [[nodiscard]] std::uint16_t port() const;

  /// Takes the client's connection and relays until either side ends, or misbehaves, or `stop` is called. Both sides
  /// are closed then, unless it was `stop`; held acknowledgements are forgotten. Returns why, in words.
  [[nodiscard]] std::string run();
  /// After a `run` that `stop` ended: passes on what the client still says (released acknowledgements, DISCONNECT)
  /// until it closes, for a second at most.
  void finish();

  /// The messages with these packet identifiers, which have come on this connection, are committed.
  void release(const std::vector<std::uint16_t>& packet_ids);
  void stop();
  /// The broker wants to hear something at least this often: the gate pings it, beside the client, and ends the
  /// connection when nothing comes back.
  void keep_alive(std::chrono::seconds interval);
  /// The DUP flag of the newest PUBLISH with this identifier.
  [[nodiscard]] bool was_dup(std::uint16_t packet_id) const;
  /// How large the newest PUBLISH with this identifier was, if it was too large and the client got a stand-in; else 0.
  [[nodiscard]] std::uint32_t skipped_bytes(std::uint16_t packet_id) const;

 private:
  struct Parts;
  explicit AckGate(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgeseal::transport
