// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/redelivery.h"

namespace edgeseal::agent {

Result<bool> Redelivery::is_repetition(const transport::Message& message, transport::ArrivalNumber number,
                                       transport::ArrivalNumber acknowledged) {
  if (message.qos == 0) return false;
  auto topic = fingerprinter_.of(as_bytes(message.topic));
  if (!topic) return failed(topic);
  auto payload = fingerprinter_.of(message.payload);
  if (!payload) return failed(payload);
  const auto known = by_packet_id_.find(message.packet_id);
  const bool repeated = message.dup && known != by_packet_id_.end() && known->second.number > acknowledged &&
                        known->second.topic == *topic && known->second.payload == *payload;
  if (!repeated) by_packet_id_[message.packet_id] = {number, *topic, *payload};
  return repeated;
}

}  // namespace edgeseal::agent
