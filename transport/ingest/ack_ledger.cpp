// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/ack_ledger.h"

#include <utility>

#include "crypto/base/wire.h"

namespace edgeseal::transport {
namespace {

Bytes short_packet(PacketType type, std::uint8_t flags, std::uint16_t id) {
  Bytes packet;
  WireWriter out(packet);
  out.u8(static_cast<std::uint8_t>(static_cast<int>(type) << 4 | flags));
  out.u8(2);
  out.u16(id);
  return packet;
}
Bytes pubrel(std::uint16_t id) { return short_packet(PacketType::pubrel, 2, id); }
Bytes pubrec(std::uint16_t id) { return short_packet(PacketType::pubrec, 0, id); }
constexpr std::size_t kShortBytes = 4;

}  // namespace

Result<AckLedger::Arrival> AckLedger::publish_begins(const Packet& packet) const {
  const auto found = messages_.find(packet.id);
  if (found == messages_.end()) return Arrival::fresh;
  const Message& message = found->second;
  // [MQTT-4.3.3-10]: of QoS 2 it is the same message until PUBREL, whatever its DUP flag.
  if (message.qos == packet.qos() && (packet.qos() == 2 || packet.dup())) return Arrival::repeated;
  return fail(Kind::corrupt,
              "malformed MQTT from the broker: PUBLISH: packet identifier " + std::to_string(packet.id) + " is in use");
}

Bytes AckLedger::publish_came(const Packet& packet, std::uint32_t skipped_bytes) {
  Message message;
  message.dup = packet.dup();
  message.qos = packet.qos();
  message.bytes = packet.bytes;
  message.skipped_bytes = skipped_bytes;
  unacknowledged_bytes_ += message.bytes;
  messages_.insert_or_assign(packet.id, std::move(message));
  waiting_.push_back(packet.id);
  if (packet.qos() != 2 || version_ != MqttVersion::v3_1_1) return {};
  ++pubcomps_to_swallow_[packet.id];
  return pubrel(packet.id);
}

void AckLedger::publish_repeated(const Packet& packet) {
  const auto found = messages_.find(packet.id);
  if (found == messages_.end() || found->second.state != State::recorded) return;
  if (!std::exchange(found->second.tell_again, true)) again_.push_back(packet.id);
}

Result<AckLedger::Verdict> AckLedger::client_acknowledged(const Packet& packet, ByteView bytes) {
  if (packet.type == PacketType::pubcomp) {
    const auto own = pubcomps_to_swallow_.find(packet.id);
    if (own != pubcomps_to_swallow_.end()) {
      if (--own->second == 0) pubcomps_to_swallow_.erase(own);
      return Verdict::keep;
    }
    if (pubcomps_awaited_ > 0) --pubcomps_awaited_;
    return Verdict::pass;
  }
  const auto found = messages_.find(packet.id);
  if (found == messages_.end() || found->second.state != State::waiting || !found->second.held.empty() ||
      (found->second.qos == 2) != (packet.type == PacketType::pubrec)) {
    return fail(Kind::corrupt, std::string(packet_name(packet.type)) + " of a message that did not come: packet " +
                                   std::to_string(packet.id));
  }
  found->second.held.assign(bytes.begin(), bytes.end());
  return Verdict::keep;
}

AckLedger::Verdict AckLedger::pubrel_came(std::uint16_t id) {
  const auto found = messages_.find(id);
  if (found != messages_.end() && found->second.qos == 2) {
    if (found->second.state == State::waiting) {
      found->second.pubrel_kept = true;
      return Verdict::keep;
    }
    messages_.erase(found);  // what stands in again_ finds nothing then
  }
  ++pubcomps_awaited_;
  return Verdict::pass;
}

void AckLedger::release(std::uint16_t id) {
  const auto found = messages_.find(id);
  if (found == messages_.end() || found->second.state != State::waiting) return;
  if (!std::exchange(found->second.released, true)) ++released_ahead_;
}

bool AckLedger::front_may_go() const {
  if (waiting_.empty()) return false;
  const Message& message = messages_.at(waiting_.front());
  return message.released && !message.held.empty();
}

bool AckLedger::any_released() const { return !again_.empty() || front_may_go(); }

std::vector<AckLedger::Held> AckLedger::take_released(std::size_t bytes_max) {
  std::vector<Held> taken;
  for (; !again_.empty() && bytes_max >= kShortBytes; again_.pop_front()) {
    const auto found = messages_.find(again_.front());
    if (found == messages_.end() || !std::exchange(found->second.tell_again, false)) continue;  // PUBREL has come since
    taken.push_back({found->first, pubrec(found->first), true});
    bytes_max -= kShortBytes;
  }
  while (front_may_go() && messages_.at(waiting_.front()).held.size() <= bytes_max) {
    const auto found = messages_.find(waiting_.front());
    Message& message = found->second;
    bytes_max -= message.held.size();
    unacknowledged_bytes_ -= message.bytes;
    --released_ahead_;
    taken.push_back({found->first, std::move(message.held)});
    waiting_.pop_front();
    if (message.qos == 2 && !message.pubrel_kept) {
      message.state = State::recorded;
      message.held.clear();
      continue;
    }
    if (message.pubrel_kept) {
      append(for_client_, pubrel(taken.back().id));
      ++pubcomps_awaited_;
    }
    messages_.erase(found);
  }
  return taken;
}

bool AckLedger::was_dup(std::uint16_t id) const {
  const auto found = messages_.find(id);
  return found != messages_.end() && found->second.dup;
}

std::uint32_t AckLedger::skipped_bytes(std::uint16_t id) const {
  const auto found = messages_.find(id);
  return found == messages_.end() ? 0 : found->second.skipped_bytes;
}

}  // namespace edgeseal::transport
