// SPDX-License-Identifier: GPL-3.0-or-later
// Stands between Paho and the broker, and keeps acknowledgements back until what they acknowledge is committed.
// Paho has no manual acknowledgement: it writes PUBACK or PUBREC when its callback returns. Waiting in that callback
// would take one commit per message (measured: 4,300 messages/s; with the gate 35,000).
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
  /// Beyond so many unacknowledged messages, or bytes of them, the gate reads no more from the broker. A higher value
  /// lets a slow commit fall further behind before the link stops, and takes more memory. A broker that keeps to the
  /// receive maximum stops by itself. mosquitto 2.0.11 does not once messages queue (with a window of 20, five
  /// acknowledgements released 121 messages).
  std::size_t unacknowledged_max = 1000;
  std::uint64_t unacknowledged_bytes_max = std::uint64_t{32} << 20;
  std::uint32_t packet_bytes_max = MqttOptions{}.packet_bytes_max;
};

/// A relay of bytes for one connection, on a loopback port. Everything passes at once, except the client's PUBACK,
/// PUBREC and PUBCOMP (see AckLedger), and messages of the broker that are too large (see OversizeFilter). It looks
/// only at the type, the length, the topic and the packet identifier of a packet.
///
/// Sleeps:  while few bytes come, each side is read at most every few milliseconds, so that one wake-up serves many
///          packets. At 1,000 messages/s a relay that wakes for each packet takes half as much CPU again as Paho
///          itself. A broker with a small window, and a client that the broker waits for, are read at once.
/// Bounded: its buffers are fixed both ways. While it does not read from the broker, it answers the client's PINGREQ
///          itself, also passes it on, and drops the broker's late PINGRESP. So acknowledgements may be held for longer
///          than the keep-alive.
/// Threads: run and finish on one thread; everything else on any.
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

  /// Takes the client's connection, and relays until either side ends or breaks MQTT, or `stop` is called. Then it
  /// closes both sides, unless it was `stop`, and forgets the acknowledgements that it holds. Returns the reason in
  /// words.
  [[nodiscard]] std::string run();
  /// Is called after a `run` that `stop` has ended. Passes on what the client still says (released acknowledgements,
  /// DISCONNECT) until the client closes, for at most one second.
  void finish();

  /// The messages with these packet identifiers, which have come on this connection, are committed.
  void release(const std::vector<std::uint16_t>& packet_ids);
  void stop();
  /// Sets how often the broker wants to hear something. The gate pings it beside the client, and ends the connection
  /// when nothing comes back.
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
