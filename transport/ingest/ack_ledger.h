// SPDX-License-Identifier: GPL-3.0-or-later
// Which messages of one connection are still to be acknowledged, and which acknowledgements may go. Pure: no socket.
// Source: MQTT 5.0 (OASIS) sections 4.3.2 (QoS 1), 4.3.3 (QoS 2), 4.6 (order of acknowledgements).
#pragma once
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "transport/ingest/mqtt_framing.h"

namespace edgeseal::transport {

/// The broker's QoS 1 and 2 messages, from the packet that brought each to the acknowledgement that lets it go.
///
/// What the client writes | what becomes of it
/// PUBACK, PUBREC         | held; written, in order, once the message is released
/// PUBCOMP                | passes: the PUBREC before it was written, hence released
///
/// With MQTT 3.1.1 Paho hands a QoS 2 message over only when it is told PUBREL, which the broker says after the PUBREC
/// that is held here. So the gate tells Paho PUBREL right behind the PUBLISH, and swallows the PUBCOMP with which Paho
/// answers. The broker's own PUBREL comes after the release, is passed on, and Paho answers it once more.
///
/// Threads: one at a time.
class AckLedger {
 public:
  explicit AckLedger(MqttVersion version) : version_(version) {}

  /// A whole PUBLISH with QoS 1 or 2 has come for the client. Returns what to tell the client right behind it.
  /// `skipped_bytes` other than 0: `packet` stands in for one of so many bytes that was too large.
  [[nodiscard]] Bytes publish_came(const Packet& packet, std::uint32_t skipped_bytes = 0);

  enum class Verdict {
    pass,  ///< write the packet to the broker now
    keep,  ///< it is held here, or is not for the broker
  };
  /// A whole PUBACK, PUBREC or PUBCOMP, `bytes`, has come from the client. Fails with Kind::corrupt when it
  /// acknowledges what did not come.
  [[nodiscard]] Result<Verdict> client_acknowledged(const Packet& packet, ByteView bytes);

  /// The message with this packet identifier is committed.
  void release(std::uint16_t id);

  struct Held {
    std::uint16_t id = 0;
    Bytes bytes;  ///< a whole PUBACK or PUBREC
  };
  /// Takes out what may go, in order and `bytes_max` at most: held acknowledgements up to the first whose message is
  /// not released.
  [[nodiscard]] std::vector<Held> take_released(std::size_t bytes_max);
  /// Whether take_released would give something.
  [[nodiscard]] bool any_released() const;
  /// A whole PUBREL has come for the client.
  void pubrel_came() { ++pubcomps_awaited_; }
  /// Whether the broker waits for what the client may have yet to write: the acknowledgement of a released message, or
  /// PUBCOMP.
  [[nodiscard]] bool awaits_client() const { return released_ahead_ > 0 || pubcomps_awaited_ > 0; }

  /// The DUP flag of the newest PUBLISH with this identifier. Paho hides that of QoS 2.
  [[nodiscard]] bool was_dup(std::uint16_t id) const;
  /// The bytes of what the newest PUBLISH with this identifier stands in for; 0 if it stands for itself.
  [[nodiscard]] std::uint32_t skipped_bytes(std::uint16_t id) const;

  /// Messages, and their bytes as the client got them, whose acknowledgement has not been taken yet.
  [[nodiscard]] std::size_t unacknowledged() const { return unacknowledged_; }
  [[nodiscard]] std::uint64_t unacknowledged_bytes() const { return unacknowledged_bytes_; }

 private:
  struct Message {
    unsigned came = 0;      ///< times the PUBLISH came: 3.1.1 brokers may repeat it on one connection
    unsigned released = 0;  ///< times it was released
    unsigned held = 0;      ///< PUBACKs or PUBRECs held
    unsigned taken = 0;     ///< PUBACKs or PUBRECs taken
    std::uint64_t bytes = 0;
    std::uint32_t skipped_bytes = 0;
    bool dup = false;
    bool qos2 = false;
    unsigned pubcomps_to_swallow = 0;
  };
  [[nodiscard]] bool may_go(const Held& held) const;

  MqttVersion version_;
  std::unordered_map<std::uint16_t, Message> messages_;
  std::deque<Held> held_;
  std::size_t released_ahead_ = 0;    ///< releases without an acknowledgement taken
  std::size_t pubcomps_awaited_ = 0;  ///< of the broker's own PUBRELs
  std::size_t unacknowledged_ = 0;
  std::uint64_t unacknowledged_bytes_ = 0;
};

}  // namespace edgeseal::transport
