// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/esdk_parts.h"

#include "crypto/base/ensure.h"
#include "crypto/base/wire.h"
#include "crypto/envelope/esdk_layout.h"

namespace edgeseal::crypto {

Bytes own_part_of(ByteView message, std::size_t shared_header_bytes) {
  const std::size_t shared_at = esdk::kPrefixBytes + esdk::kMessageIdBytes;
  ENSURE(message.size() > shared_at + shared_header_bytes);
  Bytes own;
  own.reserve(message.size() - esdk::kPrefixBytes - shared_header_bytes);
  append(own, message.subspan(esdk::kPrefixBytes, esdk::kMessageIdBytes));
  append(own, message.subspan(shared_at + shared_header_bytes));
  return own;
}

std::optional<Bytes> message_of(ByteView shared_header, ByteView own_part) {
  if (own_part.size() < esdk::kMessageIdBytes) return std::nullopt;
  Bytes message;
  message.reserve(esdk::kPrefixBytes + shared_header.size() + own_part.size());
  WireWriter wire(message);
  wire.u8(esdk::kVersion2);
  wire.u16(esdk::kSuiteCommitting);
  wire.bytes(own_part.first(esdk::kMessageIdBytes));
  wire.bytes(shared_header);
  wire.bytes(own_part.subspan(esdk::kMessageIdBytes));
  return message;
}

}  // namespace edgeseal::crypto
