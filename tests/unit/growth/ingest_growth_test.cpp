// SPDX-License-Identifier: GPL-3.0-or-later
// What a broker sends, through framing, guard, filter and ledger as AckGate drives them.
#include <gtest/gtest.h>

#include "crypto/base/wire.h"
#include "tests/unit/growth/growth.h"
#include "transport/ingest/ack_ledger.h"
#include "transport/ingest/broker_guard.h"
#include "transport/ingest/mqtt_framing.h"
#include "transport/ingest/oversize_filter.h"

namespace edgeseal::transport {
namespace {

using test::expect_linear;
using test::joined;
using test::kWhole;
using test::times;

constexpr std::uint32_t kPacketBytesMax = 64 * 1024;

const Bytes kConnack{0x20, 3, 0, 0, 0};

/// MQTT 5.0 section 1.5.5.
Bytes variable(std::size_t value) {
  Bytes bytes;
  for (; value > 0x7F; value >>= 7) bytes.push_back(static_cast<std::uint8_t>(value | 0x80));
  bytes.push_back(static_cast<std::uint8_t>(value));
  return bytes;
}

Bytes packet(std::uint8_t first, ByteView body) { return joined({Bytes{first}, variable(body.size()), body}); }

/// A PUBLISH of QoS 1 to topic "t".
Bytes publish(ByteView properties, ByteView payload, std::uint16_t id = 1) {
  const Bytes head{0, 1, 't', static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
  return packet(0x32, joined({head, variable(properties.size()), properties, payload}));
}

Bytes with_topic(std::size_t bytes) {
  const Bytes length{static_cast<std::uint8_t>(bytes >> 8), static_cast<std::uint8_t>(bytes)};
  return packet(0x32, joined({length, Bytes(bytes, 't'), Bytes{0, 1, 0}}));
}

void relay(ByteView input, std::size_t piece_bytes) {
  MqttFraming framing(MqttVersion::v5, Sender::broker);
  BrokerGuard guard(MqttVersion::v5, kPacketBytesMax);
  OversizeFilter filter(MqttVersion::v5, kPacketBytesMax);
  test::feed(input, piece_bytes, [&](ByteView part) {
    while (!part.empty()) {
      const auto piece = framing.next(part);
      if (!piece) return false;
      const ByteView bytes = part.first(piece->bytes);
      const auto judged = guard.take(*piece, bytes);
      if (!judged) return false;
      if (*judged) {
        const Packet& head = (*judged)->packet;
        const MqttFraming::Piece header{.begins = true, .in_header = true, .header_ends = true, .packet = head};
        if (!filter.pass(header, (*judged)->header, (*judged)->too_large)) return false;
        if (!filter.pass({.packet = head}, (*judged)->rest, (*judged)->too_large)) return false;
        guard.forget_head();
      } else if (!guard.holds() && !filter.pass(*piece, bytes)) {
        return false;
      }
      part = part.subspan(piece->bytes);
    }
    return true;
  });
}

TEST(Growth, OfTheGatesWorkIsThatOfWhatABrokerSends) {
  const Bytes no_properties;
  const Bytes user{38, 0, 1, 'a', 0, 0};
  expect_linear(
      {.name = "gate",
       .parse = relay,
       .shapes =
           {
               {"many empty messages", 1000,
                [&](std::size_t n) {
                  return joined({kConnack, times(n, publish(no_properties, {}))});
                }},
               {"many PINGRESPs", 1000,
                [](std::size_t n) {
                  return joined({kConnack, times(n, Bytes{0xD0, 0})});
                }},
               {"many properties of one name", 120,
                [&](std::size_t n) {
                  return joined({kConnack, publish(times(n, user), {})});
                }},
               {"more properties than are taken", 2000,
                [&](std::size_t n) {
                  return joined({kConnack, publish(times(n, user), {})});
                }},
               {"many properties in many messages", 20,
                [&](std::size_t n) {
                  return joined({kConnack, times(n, publish(times(1000, user), {}))});
                }},
               {"a long topic", 8000,
                [](std::size_t n) {
                  return joined({kConnack, with_topic(n)});
                }},
               {"many long topics", 4,
                [](std::size_t n) {
                  return joined({kConnack, times(n, with_topic(60'000))});
                }},
               {"a long payload", 5000,
                [&](std::size_t n) {
                  return joined({kConnack, publish(no_properties, Bytes(n, 'x'))});
                }},
               {"a payload that is too large", 70'000,
                [&](std::size_t n) {
                  return joined({kConnack, publish(no_properties, Bytes(n, 'x'))});
                }},
               {"reason codes of a SUBACK", 400,
                [](std::size_t n) {
                  return joined({kConnack, packet(0x90, joined({Bytes{0, 1, 0}, Bytes(n, 1)}))});
                }},
               {"a DISCONNECT with a long reason", 400,
                [](std::size_t n) {
                  const Bytes length{static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
                  const Bytes reason = joined({Bytes{31}, length, Bytes(n, 'r')});
                  return joined({kConnack, packet(0xE0, joined({Bytes{0}, variable(reason.size()), reason}))});
                }},
           },
       .pieces = {kWhole, 1}});
}

// A broker chooses which packet identifiers are open, and in which order it goes back to them.
TEST(Growth, OfTheLedgersWorkIsThatOfThePackets) {
  const auto parse = [](ByteView input, std::size_t) {
    AckLedger ledger(MqttVersion::v5);
    for (WireReader in(input); in.left() > 0;) {
      const Packet come{.type = PacketType::publish, .flags = *in.u8(), .id = *in.u16(), .bytes = 10};
      if (come.id == 0) {
        for (std::uint16_t id = 1; id != 0; ++id) ledger.release(id);
        continue;
      }
      const auto arrival = ledger.publish_begins(come);
      if (!arrival) continue;
      if (*arrival == AckLedger::Arrival::repeated) {
        ledger.publish_repeated(come);
        continue;
      }
      (void)ledger.publish_came(come);
      const auto type = come.qos() == 2 ? PacketType::pubrec : PacketType::puback;
      (void)ledger.client_acknowledged({.type = type, .id = come.id, .bytes = 4}, Bytes(4));
      ledger.release(come.id);
      if (come.id % 64 == 0) (void)ledger.take_released(64 * 4);
    }
    (void)ledger.take_released(1 << 20);
  };
  const auto all = [](std::size_t count, std::uint8_t flags, std::uint16_t step) {
    Bytes events;
    WireWriter out(events);
    std::uint16_t id = 1;
    for (std::size_t i = 0; i < count; ++i, id = static_cast<std::uint16_t>(id + step)) {
      out.u8(flags);
      out.u16(id == 0 ? std::uint16_t{1} : id);
    }
    return events;
  };
  expect_linear(
      {.name = "ledger",
       .parse = parse,
       .shapes = {
           {"QoS 1, each identifier once", 8000, [&](std::size_t n) { return all(n, 2, 1); }},
           {"QoS 2, each identifier once, from behind", 8000, [&](std::size_t n) { return all(n, 4, 65'535); }},
           {"QoS 2, one told again and again", 8000, [&](std::size_t n) { return all(n, 4, 0); }},
       }});
}

}  // namespace
}  // namespace edgeseal::transport
