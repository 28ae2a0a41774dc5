// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/oversize_filter.h"

#include <algorithm>

#include "crypto/base/wire.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kTopicLengthBytes = 2;
constexpr std::size_t kIdBytes = 2;
constexpr std::uint8_t kNoProperties = 0;  // a property length of 0: MQTT 5.0 section 2.2.2.1

/// MQTT 5.0 section 1.5.5, variable byte integer.
void write_length(WireWriter& out, std::size_t length) {
  for (; length > 0x7F; length >>= 7) out.u8(static_cast<std::uint8_t>(length | 0x80));
  out.u8(static_cast<std::uint8_t>(length));
}

}  // namespace

Result<ByteView> OversizeFilter::pass(const MqttFraming::Piece& piece, ByteView bytes, bool too_large) {
  if (!piece.in_header) {
    if (!swallows_) return bytes;
    keep(bytes);
    return ByteView{};
  }
  if (piece.begins) header_.clear();
  append(header_, bytes);
  if (!piece.header_ends) return ByteView{};
  packet_ = piece.packet;
  swallows_ = too_large || packet_.bytes > bytes_max_;
  if (!swallows_) return ByteView(header_);
  if (packet_.type != PacketType::publish) {
    return fail(Kind::corrupt, "malformed MQTT from the broker: " + std::string(packet_name(packet_.type)) + ": " +
                                   std::to_string(packet_.bytes) + " bytes, and " + std::to_string(bytes_max_) +
                                   " are taken");
  }
  kept_.clear();
  kept_wanted_ = kTopicLengthBytes;
  return ByteView{};
}

void OversizeFilter::keep(ByteView bytes) {
  while (!bytes.empty() && kept_.size() < kept_wanted_) {
    const std::size_t step = std::min(bytes.size(), kept_wanted_ - kept_.size());
    append(kept_, bytes.first(step));
    bytes = bytes.subspan(step);
    if (kept_.size() != kTopicLengthBytes) continue;
    kept_wanted_ += WireReader(kept_).u16().value_or(0) + (packet_.qos() > 0 ? kIdBytes : 0);
  }
}

std::string OversizeFilter::topic() const {
  const std::size_t id_bytes = packet_.qos() > 0 ? kIdBytes : 0;
  return std::string(as_text(ByteView(kept_).first(kept_.size() - id_bytes).subspan(kTopicLengthBytes)));
}

Bytes OversizeFilter::stand_in() const {
  const bool v5 = version_ == MqttVersion::v5;
  Bytes packet;
  WireWriter out(packet);
  out.u8(header_.front());
  write_length(out, kept_.size() + (v5 ? sizeof kNoProperties : 0));
  out.bytes(kept_);
  if (v5) out.u8(kNoProperties);
  return packet;
}

}  // namespace edgeseal::transport
