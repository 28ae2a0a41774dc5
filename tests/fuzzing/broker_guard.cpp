// SPDX-License-Identifier: GPL-3.0-or-later
// What a broker sends, through framing and guard as AckGate drives them: however the stream is cut, the same verdicts
// come out of it; nothing of a packet passes before its verdict, and all of it after; what is held has its bound; and
// what passes keeps to what the guard is for.
#include "transport/ingest/broker_guard.h"

#include <algorithm>
#include <array>
#include <string>

#include "crypto/base/utf8.h"
#include "crypto/base/wire.h"
#include "tests/fuzzing/target.h"
#include "transport/ingest/mqtt_framing.h"

namespace edgeseal::fuzzing {
namespace {

using transport::BrokerGuard;
using transport::MqttFraming;
using transport::MqttVersion;
using transport::Packet;
using transport::PacketType;
using transport::Sender;

constexpr std::size_t kCuts = 6;
constexpr std::array<std::uint8_t, 4> kReasons{0x81, 0x82, 0x94, 0x95};  // MQTT 5.0 section 3.14.2.1

struct Setting {
  MqttVersion version;
  std::uint32_t bytes_max;
};

struct Verdict {
  Packet packet;
  bool too_large = false;
  bool operator==(const Verdict&) const = default;
};

/// What came of a stream.
struct Guarded {
  std::vector<Verdict> verdicts;
  std::string error;
  std::uint8_t reason = 0;  ///< of the guard's own refusal
  bool operator==(const Guarded&) const = default;
};

/// The guard lets no topic pass that MQTT forbids, nor a control packet beyond its bound.
void check_verdict(const Setting& setting, const BrokerGuard::Judged& judged) {
  const Packet& packet = judged.packet;
  ENSURE(!judged.header.empty() && judged.header.size() <= MqttFraming::kHeaderBytesMax);
  if (packet.type != PacketType::publish) {
    ENSURE(!judged.too_large && packet.bytes <= transport::kControlBytesMax);
    ENSURE(judged.header.size() + judged.rest.size() == packet.bytes);
    return;
  }
  if (packet.bytes > setting.bytes_max) ENSURE(judged.too_large);
  WireReader in(judged.rest);
  const auto topic = in.bytes(*in.u16());
  ENSURE(topic && !topic->empty() && is_utf8(as_text(*topic)));
  ENSURE(as_text(*topic).find_first_of(std::string_view("+#\0", 3)) == std::string_view::npos);
  if (packet.qos() > 0) ENSURE(*in.u16() == packet.id && packet.id != 0);
}

Guarded guard_stream(const Setting& setting, ByteView stream, ByteView cuts) {
  Guarded guarded;
  MqttFraming framing(setting.version, Sender::broker);
  BrokerGuard guard(setting.version, setting.bytes_max);
  std::size_t at = 0;           // in the stream
  std::size_t passed = 0;       // to the client
  std::size_t packet_from = 0;  // where the packet under way begins
  in_pieces(stream, cuts, [&](ByteView part) {
    while (!part.empty()) {
      const auto piece = framing.next(part);
      if (!piece) {
        guarded.error = piece.error().what;
        return false;
      }
      const ByteView bytes = part.first(piece->bytes);
      const bool held_before = piece->begins || guard.holds();
      const auto judged = guard.take(*piece, bytes);
      if (!judged) {
        guarded.error = judged.error().what;
        guarded.reason = guard.reason();
        ENSURE(std::ranges::count(kReasons, guarded.reason) == 1);
        return false;
      }
      if (piece->begins) packet_from = at;
      at += bytes.size();
      part = part.subspan(bytes.size());
      ENSURE(guard.held_bytes() <= BrokerGuard::kHeadBytesMax);
      ENSURE(!*judged || (held_before && !guard.holds()));
      if (*judged) {
        const BrokerGuard::Judged& head = **judged;
        check_verdict(setting, head);
        ENSURE(passed == packet_from && passed + head.header.size() + head.rest.size() == at);
        ENSURE(std::ranges::equal(head.header, stream.subspan(passed, head.header.size())));
        ENSURE(std::ranges::equal(head.rest, stream.subspan(passed + head.header.size(), head.rest.size())));
        guarded.verdicts.push_back({head.packet, head.too_large});
        passed = at;
        guard.forget_head();
      } else if (!guard.holds()) {
        passed += bytes.size();
      }
      // A packet that has ended has had its verdict.
      if (piece->ends) ENSURE(passed == at && guarded.verdicts.back().packet.type == piece->packet.type);
    }
    return true;
  });
  return guarded;
}

}  // namespace

std::vector<Bytes> seeds() {
  const Bytes connack = *from_hex("20020000");
  const Bytes connack5 = *from_hex("2006000003210014");
  const Bytes control5 = *from_hex(
      "900a0001051f000272736b00"
      "d000"
      "400400071000"
      "6206000700260000");
  const Bytes publish = *from_hex(
      "320a0003612f62000768656c"
      "300600016178797a");
  // Each property that a PUBLISH may have; then user properties and subscription identifiers, again and again.
  const Bytes publish5 = *from_hex(
      "323b000161000724"
      "0101"
      "0200000e10"
      "03000174"
      "08000172"
      "0900020102"
      "0b8101"
      "0b01"
      "260001610000"
      "26000161000162"
      "7061796c6f6164000000000000");
  const Bytes alias = *from_hex("32090000000703230001");
  const Bytes goodbye = *from_hex("e0068e041f000178");
  std::vector<Bytes> all;
  const auto add = [&](bool v5, std::uint8_t bytes_max, std::initializer_list<Bytes> packets) {
    all.push_back({v5 ? std::uint8_t{1} : std::uint8_t{0}, bytes_max, 0, 3, 200, 1, 0, 9});
    for (const Bytes& packet : packets) append(all.back(), packet);
  };
  add(false, 40, {connack, publish, publish});
  add(true, 255, {connack5, publish5, control5, publish5, goodbye});
  add(true, 20, {connack5, publish5, control5});
  add(true, 255, {connack5, alias});
  Bytes many = *from_hex("32");
  Bytes body{0, 1, 'a', 0, 7};
  const std::size_t properties = 1030 * 5;
  append(body,
         Bytes{static_cast<std::uint8_t>((properties & 0x7F) | 0x80), static_cast<std::uint8_t>(properties >> 7)});
  for (std::size_t i = 0; i < properties / 5; ++i) append(body, Bytes{38, 0, 0, 0, 0});
  append(many,
         Bytes{static_cast<std::uint8_t>((body.size() & 0x7F) | 0x80), static_cast<std::uint8_t>(body.size() >> 7)});
  append(many, body);
  add(true, 0, {connack5, many});
  return all;
}

}  // namespace edgeseal::fuzzing

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgeseal::fuzzing;
  Input input(data, size);
  const std::uint8_t flags = input.u8();
  const std::uint8_t bytes_max = input.u8();
  const Setting setting{(flags & 1) != 0 ? MqttVersion::v5 : MqttVersion::v3_1_1,
                        bytes_max == 0 ? std::uint32_t{1} << 20 : bytes_max};
  const edgeseal::ByteView cuts = input.bytes(kCuts);
  const edgeseal::ByteView stream = input.rest();
  const Guarded whole = guard_stream(setting, stream, {});
  ENSURE(whole == guard_stream(setting, stream, cuts));
  ENSURE(whole == guard_stream(setting, stream, edgeseal::Bytes{0}));
  return 0;
}
