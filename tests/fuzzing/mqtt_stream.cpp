// SPDX-License-Identifier: GPL-3.0-or-later
// What a broker or Paho sends, through the framing and the filter as AckGate drives them: however the stream is cut,
// the same packets come out of it; and what the client gets is the stream with stand-ins for what is too large.
#include <algorithm>
#include <array>
#include <string>

#include "crypto/base/wire.h"
#include "tests/fuzzing/target.h"
#include "transport/ingest/mqtt_framing.h"
#include "transport/ingest/oversize_filter.h"

namespace edgeseal::fuzzing {
namespace {

using transport::MqttFraming;
using transport::MqttVersion;
using transport::OversizeFilter;
using transport::Packet;
using transport::PacketType;
using transport::Sender;

constexpr std::size_t kCuts = 6;

struct Setting {
  MqttVersion version;
  Sender sender;
  std::uint32_t bytes_max;
};

/// What came of a stream.
struct Relayed {
  std::vector<Packet> packets;
  Bytes passed;  ///< to the other side
  Bytes wanted;  ///< of the whole packets, told from the stream itself
  std::vector<std::string> skipped;
  std::string error;
};

/// A stand-in is one small packet that says the same as the header of what it stands in for.
void check_stand_in(const Setting& setting, ByteView stand_in, const Packet& packet, const std::string& topic) {
  MqttFraming framing(setting.version, Sender::broker);
  Bytes seen;
  while (true) {
    const auto piece = framing.next(stand_in.subspan(seen.size()));
    ENSURE(piece);
    append(seen, stand_in.subspan(seen.size(), piece->bytes));
    if (!piece->ends) continue;
    ENSURE(seen.size() == stand_in.size() && piece->packet.bytes == stand_in.size());
    ENSURE(piece->packet.id == packet.id && piece->packet.flags == packet.flags);
    break;
  }
  ENSURE(as_text(stand_in).find(topic) != std::string_view::npos);
}

Relayed relay(const Setting& setting, ByteView stream, ByteView cuts) {
  Relayed relayed;
  MqttFraming framing(setting.version, setting.sender);
  OversizeFilter filter(setting.version, setting.bytes_max);
  std::size_t at = 0;           // in the stream
  std::size_t packet_from = 0;  // where the packet under way begins
  const auto take = [&](ByteView part) {
    while (!part.empty()) {
      const bool between = framing.between_packets();
      const auto piece = framing.next(part);
      if (!piece) {
        relayed.error = piece.error().what;
        return false;
      }
      ENSURE(piece->bytes >= 1 && piece->bytes <= part.size());
      ENSURE(piece->begins == between && piece->ends == framing.between_packets());
      const auto passed = filter.pass(*piece, part.first(piece->bytes));
      if (!passed) {
        relayed.error = passed.error().what;
        return false;
      }
      ENSURE(passed->size() <= piece->bytes + MqttFraming::kHeaderBytesMax);
      append(relayed.passed, *passed);
      if (piece->begins) packet_from = at;
      at += piece->bytes;
      part = part.subspan(piece->bytes);
      if (!piece->ends) continue;
      const ByteView packet = stream.subspan(packet_from, at - packet_from);
      relayed.packets.push_back(piece->packet);
      ENSURE(piece->packet.bytes == packet.size() && packet[0] >> 4 == static_cast<int>(piece->packet.type));
      ENSURE(filter.swallows() == (packet.size() > setting.bytes_max));
      if (!filter.swallows()) {
        append(relayed.wanted, packet);
      } else if (piece->packet.qos() > 0) {
        const Bytes stand_in = filter.stand_in();
        check_stand_in(setting, stand_in, piece->packet, filter.topic());
        append(relayed.passed, stand_in);
        append(relayed.wanted, stand_in);
      } else {
        relayed.skipped.push_back(filter.topic());
      }
    }
    return true;
  };
  in_pieces(stream, cuts, take);
  // Of a packet that has not ended its beginning may have passed, and nothing else.
  ENSURE(relayed.passed.size() >= relayed.wanted.size());
  const ByteView begun = ByteView(relayed.passed).subspan(relayed.wanted.size());
  ENSURE(std::ranges::equal(ByteView(relayed.passed).first(relayed.wanted.size()), relayed.wanted));
  ENSURE(begun.size() <= stream.size() - packet_from);
  ENSURE(std::ranges::equal(begun, stream.subspan(packet_from, begun.size())));
  return relayed;
}

void check_same(const Relayed& one, const Relayed& other) {
  ENSURE(one.packets == other.packets && one.skipped == other.skipped && one.error == other.error);
  ENSURE(one.wanted == other.wanted);
  if (one.error.empty()) ENSURE(one.passed == other.passed);
}

}  // namespace

std::vector<Bytes> seeds() {
  const Bytes small = *from_hex(
      "320a0003612f62000768656c"
      "d000"
      "330700026162000978"
      "4002000a"
      "62020009"
      "70020009");
  Bytes large = *from_hex(
      "3d9401"
      "0007706c616e742f37"
      "0011");
  large.resize(3 + 0x94, 'x');
  const Bytes connack = *from_hex(
      "20020000"
      "9003000101");
  const Bytes connack5 = *from_hex(
      "2003000000"
      "900400010001");
  const Bytes client = *from_hex(
      "101000044d5154540402003c000465646765"
      "8206000100016101"
      "40020007"
      "50020009"
      "c000"
      "e000");
  std::vector<Bytes> all;
  for (const std::uint8_t flags : std::array<std::uint8_t, 2>{0, 1}) {
    Bytes broker{flags, 40, 0, 3, 200, 1, 0, 9};
    append(broker, (flags & 1) != 0 ? connack5 : connack);
    append(broker, small);
    append(broker, large);
    append(broker, small);
    all.push_back(broker);
    Bytes sent{static_cast<std::uint8_t>(flags | 2), 200, 0, 3, 200, 1, 0, 9};
    append(sent, client);
    all.push_back(sent);
  }
  return all;
}

}  // namespace edgeseal::fuzzing

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgeseal::fuzzing;
  Input input(data, size);
  const std::uint8_t flags = input.u8();
  const Setting setting{(flags & 1) != 0 ? MqttVersion::v5 : MqttVersion::v3_1_1,
                        (flags & 2) != 0 ? Sender::client : Sender::broker, input.u8()};
  const edgeseal::ByteView cuts = input.bytes(kCuts);
  const edgeseal::ByteView stream = input.rest();
  const Relayed whole = relay(setting, stream, {});
  check_same(whole, relay(setting, stream, cuts));
  check_same(whole, relay(setting, stream, edgeseal::Bytes{0}));
  return 0;
}
