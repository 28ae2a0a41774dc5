// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/ack_ledger.h"

#include <utility>

#include "crypto/base/wire.h"

namespace edgeseal::transport {
namespace {

Bytes pubrel(std::uint16_t id) {
  Bytes packet;
  WireWriter out(packet);
  out.u8(static_cast<std::uint8_t>(PacketType::pubrel) << 4 | 2);
  out.u8(2);
  out.u16(id);
  return packet;
}

}  // namespace

Bytes AckLedger::publish_came(const Packet& packet, std::uint32_t skipped_bytes) {
  Message& message = messages_[packet.id];
  if (message.came == message.taken) message = {};  // the identifier is in use again
  message.dup = packet.dup();
  message.qos2 = packet.qos() == 2;
  message.skipped_bytes = skipped_bytes;
  if (message.qos2 && message.came > 0) return {};  // repeated: Paho hands it over once
  ++message.came;
  message.bytes += packet.bytes;
  ++unacknowledged_;
  unacknowledged_bytes_ += packet.bytes;
  if (!message.qos2 || version_ != MqttVersion::v3_1_1) return {};
  ++message.pubcomps_to_swallow;
  return pubrel(packet.id);
}

Result<AckLedger::Verdict> AckLedger::client_acknowledged(const Packet& packet, ByteView bytes) {
  const auto found = messages_.find(packet.id);
  if (packet.type == PacketType::pubcomp) {
    if (found == messages_.end() || found->second.pubcomps_to_swallow == 0) {
      if (pubcomps_awaited_ > 0) --pubcomps_awaited_;
      return Verdict::pass;
    }
    --found->second.pubcomps_to_swallow;
    return Verdict::keep;
  }
  if (found == messages_.end() || found->second.came == found->second.taken ||
      found->second.qos2 != (packet.type == PacketType::pubrec)) {
    return fail(Kind::corrupt, std::string(packet_name(packet.type)) + " of a message that did not come: packet " +
                                   std::to_string(packet.id));
  }
  if (found->second.qos2 && found->second.held > 0) return Verdict::keep;  // the answer to a repeated PUBLISH
  ++found->second.held;
  held_.push_back({packet.id, Bytes(bytes.begin(), bytes.end())});
  return Verdict::keep;
}

void AckLedger::release(std::uint16_t id) {
  const auto found = messages_.find(id);
  if (found == messages_.end()) return;
  ++found->second.released;
  ++released_ahead_;
}

bool AckLedger::may_go(const Held& held) const {
  const Message& message = messages_.at(held.id);
  return message.released > message.taken;
}

bool AckLedger::any_released() const { return !held_.empty() && may_go(held_.front()); }

std::vector<AckLedger::Held> AckLedger::take_released(std::size_t bytes_max) {
  std::vector<Held> released;
  while (any_released() && held_.front().bytes.size() <= bytes_max) {
    bytes_max -= held_.front().bytes.size();
    released.push_back(std::move(held_.front()));
    held_.pop_front();
    Message& message = messages_.at(released.back().id);
    --message.held;
    ++message.taken;
    --unacknowledged_;
    --released_ahead_;
    if (message.taken == message.came) unacknowledged_bytes_ -= std::exchange(message.bytes, 0);
  }
  return released;
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
