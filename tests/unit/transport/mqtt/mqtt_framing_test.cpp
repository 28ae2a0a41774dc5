// SPDX-License-Identifier: GPL-3.0-or-later
// Against the packets of tests/vectors/mqtt/framing.json, whole and cut at every byte.
#include "transport/ingest/mqtt_framing.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using testing::HasSubstr;

struct PacketRow {
  std::string name;
  MqttVersion version;
  Sender sender;
  Bytes bytes;
  std::vector<Packet> packets;
  std::string refusal;
};

PacketType type_named(const std::string& name) {
  for (int type = 1; type <= 15; ++type) {
    if (packet_name(static_cast<PacketType>(type)) == name) return static_cast<PacketType>(type);
  }
  throw std::runtime_error("no packet is called " + name);
}

std::vector<PacketRow> packet_rows() {
  std::vector<PacketRow> all;
  for (const auto& json :
       nlohmann::json::parse(test::read_file(test::source_dir() + "/tests/vectors/mqtt/framing.json"))) {
    PacketRow& row = all.emplace_back();
    row.name = json["name"];
    row.version = json["version"] == "5" ? MqttVersion::v5 : MqttVersion::v3_1_1;
    row.sender = json["sender"] == "client" ? Sender::client : Sender::broker;
    row.bytes = from_hex(json["hex"].get<std::string>()).value();
    row.refusal = json.value("refusal", "");
    for (const auto& packet : json.value("packets", nlohmann::json::array())) {
      row.packets.push_back(
          {.type = type_named(packet["type"]), .flags = packet["flags"], .id = packet["id"], .bytes = packet["bytes"]});
    }
  }
  return all;
}

/// Everything that comes out of `bytes` when they arrive in two parts, the first of `cut` bytes. Checks the pieces too.
Result<std::vector<Packet>> scan(MqttFraming& framing, ByteView bytes, std::size_t cut) {
  std::vector<Packet> packets;
  std::uint32_t packet_bytes = 0;
  bool in_header = false;
  for (ByteView part : {bytes.first(cut), bytes.subspan(cut)}) {
    while (!part.empty()) {
      const bool between = framing.between_packets();
      auto piece = framing.next(part);
      if (!piece) return failed(piece);
      EXPECT_EQ(piece->begins, between);
      EXPECT_EQ(piece->ends, framing.between_packets());
      EXPECT_GE(piece->bytes, 1U);
      EXPECT_LE(piece->bytes, part.size());
      EXPECT_TRUE(piece->ends || piece->header_ends || piece->bytes == part.size());
      EXPECT_EQ(piece->in_header, piece->begins || in_header);
      in_header = piece->in_header && !piece->header_ends;
      packet_bytes = (piece->begins ? 0 : packet_bytes) + static_cast<std::uint32_t>(piece->bytes);
      if (piece->ends) {
        EXPECT_EQ(piece->type, piece->packet.type);
        EXPECT_EQ(piece->packet.bytes, packet_bytes);
        packets.push_back(piece->packet);
      }
      part = part.subspan(piece->bytes);
    }
  }
  return packets;
}

TEST(MqttFraming, FindsThePacketsOfTheVectorsWhereverTheStreamIsCut) {
  for (const PacketRow& row : packet_rows()) {
    for (std::size_t cut = 0; cut <= row.bytes.size(); ++cut) {
      SCOPED_TRACE(row.name + ", cut at " + std::to_string(cut));
      MqttFraming framing(row.version, row.sender);
      auto packets = scan(framing, row.bytes, cut);
      if (row.refusal.empty()) {
        ASSERT_THAT(packets, test::IsOk());
        EXPECT_EQ(*packets, row.packets);
      } else {
        EXPECT_THAT(packets, Fails(Kind::corrupt, HasSubstr(row.refusal)));
      }
    }
  }
}

TEST(MqttFraming, FindsEveryPacketOfAStreamThatComesByteByByte) {
  for (const MqttVersion version : {MqttVersion::v5, MqttVersion::v3_1_1}) {
    for (const Sender sender : {Sender::client, Sender::broker}) {
      Bytes stream;
      std::vector<Packet> expected;
      for (const PacketRow& row : packet_rows()) {
        if (row.version != version || row.sender != sender || row.packets.empty()) continue;
        append(stream, row.bytes);
        expected.insert(expected.end(), row.packets.begin(), row.packets.end());
      }
      MqttFraming framing(version, sender);
      std::vector<Packet> found;
      for (const std::uint8_t byte : stream) {
        auto piece = framing.next(ByteView(&byte, 1));
        ASSERT_THAT(piece, test::IsOk());
        if (piece->ends) found.push_back(piece->packet);
      }
      EXPECT_EQ(found, expected);
    }
  }
}

// Remaining length 268,435,455, the largest there is: counted, not kept.
TEST(MqttFraming, PassesThePacketOfTheLargestSize) {
  MqttFraming framing(MqttVersion::v3_1_1, Sender::broker);
  const Bytes head{0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0x00, 0x01, 'a'};
  const auto header = framing.next(head);
  ASSERT_THAT(header, test::IsOk());
  EXPECT_TRUE(header->header_ends);
  EXPECT_EQ(header->packet.bytes, 268'435'460U);
  ASSERT_THAT(framing.next(ByteView(head).subspan(header->bytes)), test::IsOk());
  const Bytes chunk(1 << 20, 0x40);
  std::uint32_t left = 268'435'455 - 3;
  for (;;) {
    const auto step = std::min<std::uint32_t>(left, static_cast<std::uint32_t>(chunk.size()));
    auto piece = framing.next(ByteView(chunk).first(step));
    ASSERT_THAT(piece, test::IsOk());
    ASSERT_EQ(piece->bytes, step);
    left -= step;
    ASSERT_EQ(piece->ends, left == 0);
    if (piece->ends) {
      EXPECT_EQ(piece->packet.bytes, 268'435'460U);
      return;
    }
  }
}

TEST(MqttFraming, NamesWhoBrokeTheRules) {
  MqttFraming broker(MqttVersion::v5, Sender::broker);
  EXPECT_THAT(broker.next(Bytes{0x36}),
              Fails(Kind::corrupt, HasSubstr("malformed MQTT from the broker: PUBLISH: QoS 3")));
}

}  // namespace
}  // namespace edgeseal::transport
