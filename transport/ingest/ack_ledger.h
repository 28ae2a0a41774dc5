// SPDX-License-Identifier: GPL-3.0-or-later
// Which messages of one connection are still to be acknowledged, and which acknowledgements may go. Pure: no socket.
// Source: MQTT 5.0 (OASIS) sections 4.3.2 (QoS 1), 4.3.3 (QoS 2), 4.6 (order of acknowledgements).
#pragma once
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "transport/ingest/mqtt_framing.h"

namespace edgeseal::transport {

/// The broker's QoS 1 and 2 messages, from the packet that brought each to the acknowledgement that lets it go.
///
/// What comes                 | while its identifier is | what becomes of it
/// PUBLISH                    | free                    | goes to the client
/// PUBLISH, QoS 2 or DUP      | waiting                 | goes nowhere: the acknowledgement that is to come answers it
/// PUBLISH, QoS 2             | recorded                | goes nowhere; answered with another PUBREC
/// PUBLISH, any other         | waiting or recorded     | refused: [MQTT-2.2.1-3]
/// PUBREL                     | waiting                 | kept; told to the client behind the PUBREC
/// PUBREL                     | recorded or free        | goes to the client; the identifier is free
/// client's PUBACK, PUBREC    | waiting                 | held; written, in order, once the message is released
/// client's PUBCOMP           | any                     | passes: the PUBREC before it was written, hence released
///
/// So the client sees each message of QoS 2 once, and tells of it once.
///
/// With MQTT 3.1.1 Paho hands a QoS 2 message over only when it is told PUBREL, which the broker says after the PUBREC
/// that is held here. So the gate tells Paho PUBREL right behind the PUBLISH, and swallows the PUBCOMP with which Paho
/// answers. The broker's own PUBREL comes after the release, is passed on, and Paho answers it once more.
///
/// Memory: at most one entry per identifier. Work: constant for each call, except take_released.
/// Threads: one at a time.
class AckLedger {
 public:
  explicit AckLedger(MqttVersion version) : version_(version) {}

  enum class Arrival {
    fresh,     ///< give it to the client, then call publish_came
    repeated,  ///< keep it from the client, then call publish_repeated
  };
  /// The head of a PUBLISH with QoS 1 or 2 has come. Fails with Kind::corrupt when its identifier is another's.
  [[nodiscard]] Result<Arrival> publish_begins(const Packet& packet) const;
  /// A whole fresh one has come for the client. Returns what to tell the client right behind it.
  /// `skipped_bytes` other than 0: `packet` stands in for one of so many bytes that was too large.
  [[nodiscard]] Bytes publish_came(const Packet& packet, std::uint32_t skipped_bytes = 0);
  /// A whole repeated one has come, and was kept back.
  void publish_repeated(const Packet& packet);

  enum class Verdict {
    pass,  ///< write the packet on now
    keep,  ///< it is held here, or is not for the other side
  };
  /// A whole PUBACK, PUBREC or PUBCOMP, `bytes`, has come from the client. Fails with Kind::corrupt when it
  /// acknowledges what did not come.
  [[nodiscard]] Result<Verdict> client_acknowledged(const Packet& packet, ByteView bytes);
  /// A whole PUBREL has come from the broker.
  [[nodiscard]] Verdict pubrel_came(std::uint16_t id);

  /// The message with this packet identifier is committed.
  void release(std::uint16_t id);

  struct Held {
    std::uint16_t id = 0;
    Bytes bytes;         ///< a whole PUBACK or PUBREC
    bool again = false;  ///< the broker has been told before
  };
  /// Takes out what may go, in order, at most `bytes_max` bytes: first what is told again, then the held
  /// acknowledgements up to the first one whose message is not released.
  [[nodiscard]] std::vector<Held> take_released(std::size_t bytes_max);
  /// Whether take_released has something to give.
  [[nodiscard]] bool any_released() const;
  /// Takes out what the client must be told, now that those acknowledgements have gone.
  [[nodiscard]] Bytes take_for_client() { return std::exchange(for_client_, {}); }
  /// Whether the broker waits for what the client may have yet to write: the acknowledgement of a released message, or
  /// PUBCOMP.
  [[nodiscard]] bool awaits_client() const { return released_ahead_ > 0 || pubcomps_awaited_ > 0; }

  /// The DUP flag of the newest PUBLISH with this identifier. Paho hides that of QoS 2.
  [[nodiscard]] bool was_dup(std::uint16_t id) const;
  /// The bytes of what the newest PUBLISH with this identifier stands in for; 0 if it stands for itself.
  [[nodiscard]] std::uint32_t skipped_bytes(std::uint16_t id) const;

  /// Messages, and their bytes as the client got them, whose acknowledgement has not been taken yet.
  [[nodiscard]] std::size_t unacknowledged() const { return waiting_.size(); }
  [[nodiscard]] std::uint64_t unacknowledged_bytes() const { return unacknowledged_bytes_; }

 private:
  enum class State {
    waiting,   ///< the broker has no acknowledgement
    recorded,  ///< QoS 2: PUBREC has gone, PUBREL has not come
  };
  struct Message {
    State state = State::waiting;
    bool released = false;     ///< while waiting
    bool pubrel_kept = false;  ///< while waiting
    bool tell_again = false;   ///< while recorded: stands in again_
    bool dup = false;
    std::uint8_t qos = 0;
    Bytes held;  ///< the client's acknowledgement; empty until it has come
    std::uint64_t bytes = 0;
    std::uint32_t skipped_bytes = 0;
  };
  [[nodiscard]] bool front_may_go() const;

  MqttVersion version_;
  std::unordered_map<std::uint16_t, Message> messages_;
  std::deque<std::uint16_t> waiting_;                                ///< in the order in which they came
  std::deque<std::uint16_t> again_;                                  ///< recorded, and told again
  std::unordered_map<std::uint16_t, unsigned> pubcomps_to_swallow_;  ///< the answers to our own PUBRELs
  Bytes for_client_;
  std::size_t released_ahead_ = 0;    ///< releases without an acknowledgement taken
  std::size_t pubcomps_awaited_ = 0;  ///< of the broker's own PUBRELs
  std::uint64_t unacknowledged_bytes_ = 0;
};

}  // namespace edgeseal::transport
