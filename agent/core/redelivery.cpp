// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/redelivery.h"

#include "crypto/base/wipe.h"
#include "crypto/primitives/sha2.h"

namespace edgeseal::agent {

Result<bool> Redelivery::is_repetition(const transport::Message& message, transport::ArrivalNumber number,
                                       transport::ArrivalNumber acknowledged) {
  if (message.qos == 0) return false;
  PlainBytes content;  // a topic has no NUL, so the two cannot run into each other
  content.reserve(message.topic.size() + 1 + message.payload.size());
  append(content, as_bytes(message.topic));
  content.push_back(0);
  append(content, message.payload);
  auto digest = crypto::sha256(content);
  if (!digest) return failed(digest);
  const auto known = by_packet_id_.find(message.packet_id);
  const bool repeated = message.dup && known != by_packet_id_.end() && known->second.number > acknowledged &&
                        known->second.content == *digest;
  if (!repeated) by_packet_id_[message.packet_id] = {number, *digest};
  return repeated;
}

}  // namespace edgeseal::agent
