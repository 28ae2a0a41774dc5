// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/arrivals.h"

#include <algorithm>

#include "crypto/base/ensure.h"

namespace edgeseal::transport {

std::optional<ArrivalNumber> Arrivals::came(const Message& message) {
  const std::uint64_t bytes = message.topic.size() + message.payload.size() + kOverheadBytes;
  if (message.qos == 0) {
    if (qos0_bytes_ > 0 && qos0_bytes_ + bytes > kQos0BytesMax) return std::nullopt;
    qos0_bytes_ += bytes;
  }
  waiting_.push_back({++arrived_, message.connection, message.packet_id, bytes});
  return arrived_;
}

std::vector<std::uint16_t> Arrivals::release(ArrivalNumber number, std::uint64_t connection) {
  std::vector<std::uint16_t> packet_ids;
  for (; !waiting_.empty() && waiting_.front().number <= number; waiting_.pop_front()) {
    const Arrival& arrival = waiting_.front();
    if (arrival.packet_id == 0) {
      qos0_bytes_ -= arrival.bytes;
    } else if (arrival.connection == connection) {
      packet_ids.push_back(arrival.packet_id);
      releasing_.push_back(arrival);
    }
  }
  return packet_ids;
}

ArrivalNumber Arrivals::acknowledged(std::uint16_t packet_id) {
  const auto written = std::ranges::find(releasing_, packet_id, &Arrival::packet_id);
  ENSURE(written != releasing_.end());
  const ArrivalNumber number = written->number;
  releasing_.erase(written);
  return number;
}

}  // namespace edgeseal::transport
