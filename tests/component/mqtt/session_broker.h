// SPDX-License-Identifier: GPL-3.0-or-later
// The broker's end of a session, as MQTT has it: what is not acknowledged is sent again on the next connection.
// Source: MQTT 5.0 (OASIS) sections 4.3 and 4.4; 3.1.1 says the same.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <set>
#include <string>

#include "crypto/base/wire.h"
#include "tests/component/mqtt/peer.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::test {

/// Threads: one.
class SessionBroker {
 public:
  struct Message {
    std::string topic;  ///< each has its own
    std::uint8_t qos = 0;
    std::uint16_t id = 0;
    std::size_t payload_bytes = 0;
    bool dup = false;  ///< has been sent before
  };

  /// `client_may_go`: at any time, and without a word.
  explicit SessionBroker(transport::MqttVersion version, bool client_may_go = false)
      : v5_(version == transport::MqttVersion::v5), client_may_go_(client_may_go) {}
  [[nodiscard]] const std::string& url() const { return broker_.url(); }

  /// Takes the next connection and sends again what the one before left.
  void accept() {
    peer_ = broker_.accept();
    while (peer_.hear_packet().empty()) {
      ASSERT_TRUE(client_may_go_);
      peer_ = broker_.accept();
    }
    say(from_hex(std::string(v5_ ? "2003" : "2002") + (session_present_ ? "01" : "00") + (v5_ ? "0000" : "00"))
            .value());
    session_present_ = true;
    unacknowledged_ = sent_;
    for (Message& message : unacknowledged_) {
      message.dup = true;
      write(message);
    }
    for (const std::uint16_t id : released_) pubrel(id);
  }
  void hang_up(bool politely) {
    if (politely && v5_) peer_.say("e000");
    peer_.hang_up();
  }

  /// Sends it for the first time, with an identifier of the broker's choice. Returns its size.
  std::size_t publish(Message message) {
    for (message.id = message.qos > 0 ? 1 : 0; in_use(message.id); ++message.id) {
    }
    if (message.qos > 0) {
      sent_.push_back(message);
      unacknowledged_.push_back(message);
    }
    return write(message);
  }

  /// Listens from now on without a word.
  void fall_silent() { silent_ = true; }
  /// Answers what the client says within `patience`. `on_acknowledged(message)` for each PUBACK or PUBREC, which must
  /// come in the order of the messages. False at the end of the connection.
  template <typename OnAcknowledged>
  bool listen(std::chrono::milliseconds patience, OnAcknowledged on_acknowledged) {
    while (peer_.hears_anything(patience)) {
      const Bytes packet = peer_.hear_packet();
      if (packet.empty() || packet[0] == 0xE0) return false;
      const auto id = static_cast<std::uint16_t>(packet.size() < 4 ? 0 : packet[2] << 8 | packet[3]);
      switch (packet[0] >> 4) {
        case 4:
        case 5:
          acknowledged(packet[0] >> 4 == 5 ? 2 : 1, id, on_acknowledged);
          break;
        case 7:
          EXPECT_EQ(released_.erase(id), 1U) << "PUBCOMP " << id;
          break;
        case 8:
          say(0x90, id, v5_ ? Bytes{0, 1} : Bytes{1});
          break;
        case 10:
          say(0xB0, id, v5_ ? Bytes{0, 0} : Bytes{});
          break;
        case 12:
          say(Bytes{0xD0, 0});
          break;
        default:
          ADD_FAILURE() << "unexpected " << to_hex(packet);
      }
    }
    return true;
  }

  /// QoS 1 and 2, without their PUBACK or PUBREC.
  [[nodiscard]] const std::deque<Message>& unacknowledged() const { return unacknowledged_; }
  /// Nothing waits for its PUBCOMP.
  [[nodiscard]] bool all_complete() const { return released_.empty(); }

 private:
  [[nodiscard]] bool in_use(std::uint16_t id) const {
    return id != 0 && (released_.contains(id) || std::ranges::find(sent_, id, &Message::id) != sent_.end());
  }
  void say(std::uint8_t first_byte, std::uint16_t id, const Bytes& rest) const {
    Bytes packet;
    WireWriter out(packet);
    out.u8(first_byte);
    out.u8(static_cast<std::uint8_t>(2 + rest.size()));
    out.u16(id);
    out.bytes(rest);
    if (!silent_) say(packet);
  }
  void say(ByteView packet) const {
    if (!client_may_go_) return peer_.say(packet);
    for (std::size_t put = 1; !packet.empty() && put > 0; packet = packet.subspan(put)) put = peer_.say_some(packet);
  }
  void pubrel(std::uint16_t id) const { say(0x62, id, {}); }

  std::size_t write(const Message& message) const {
    Bytes packet;
    WireWriter out(packet);
    out.u8(static_cast<std::uint8_t>(0x30 | message.qos << 1 | (message.dup ? 8 : 0)));
    std::size_t length = 2 + message.topic.size() + (message.qos > 0 ? 2 : 0) + (v5_ ? 1 : 0) + message.payload_bytes;
    for (; length > 0x7F; length >>= 7) out.u8(static_cast<std::uint8_t>(length | 0x80));
    out.u8(static_cast<std::uint8_t>(length));
    out.u16(static_cast<std::uint16_t>(message.topic.size()));
    out.bytes(as_bytes(message.topic));
    if (message.qos > 0) out.u16(message.id);
    if (v5_) out.u8(0);
    packet.resize(packet.size() + message.payload_bytes, 'x');
    say(packet);
    return packet.size();
  }

  template <typename OnAcknowledged>
  void acknowledged(std::uint8_t qos, std::uint16_t id, OnAcknowledged on_acknowledged) {
    ASSERT_FALSE(unacknowledged_.empty()) << "packet " << id;
    const Message message = unacknowledged_.front();
    ASSERT_EQ(id, message.id);
    ASSERT_EQ(qos, message.qos);
    unacknowledged_.pop_front();
    std::erase_if(sent_, [&](const Message& each) { return each.topic == message.topic; });
    on_acknowledged(message);
    if (qos < 2) return;
    released_.insert(id);
    pubrel(id);
  }

  const bool v5_;
  const bool client_may_go_;
  const ScriptedBroker broker_;
  Peer peer_;
  bool session_present_ = false;
  bool silent_ = false;
  std::deque<Message> sent_;            ///< on any connection, and not acknowledged
  std::deque<Message> unacknowledged_;  ///< on this one
  std::set<std::uint16_t> released_;    ///< QoS 2: PUBREC has come, PUBCOMP has not
};

}  // namespace edgeseal::test
