// SPDX-License-Identifier: GPL-3.0-or-later
// Streams of packets below, at and above the limit, whole and cut at every byte.
#include "transport/ingest/oversize_filter.h"

#include <string>
#include <vector>

#include "crypto/base/wire.h"
#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using testing::HasSubstr;

constexpr std::uint32_t kBytesMax = 200;
constexpr std::uint8_t kQos1 = 0x32;
constexpr std::uint8_t kQos2DupRetain = 0x3D;
const Bytes kPingresp{0xD0, 0};

Bytes packet_of(std::uint8_t first_byte, ByteView body) {
  Bytes packet{first_byte};
  std::size_t length = body.size();
  do {
    packet.push_back(static_cast<std::uint8_t>((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
    length >>= 7;
  } while (length > 0);
  append(packet, body);
  return packet;
}

struct Publish {
  std::uint8_t first_byte = kQos1;
  std::string topic = "plant/7";
  std::uint16_t id = 7;
  Bytes properties{};  ///< without their length; MQTT 5
  Bytes payload{};
};

Bytes encoded(const Publish& publish, MqttVersion version) {
  Bytes body;
  WireWriter out(body);
  out.u16(static_cast<std::uint16_t>(publish.topic.size()));
  out.bytes(as_bytes(publish.topic));
  if ((publish.first_byte & 6) != 0) out.u16(publish.id);
  if (version == MqttVersion::v5) {
    out.u8(static_cast<std::uint8_t>(publish.properties.size()));
    out.bytes(publish.properties);
  }
  out.bytes(publish.payload);
  return packet_of(publish.first_byte, body);
}

/// What a gate sends to the client, and which topics it reports.
struct Filtered {
  Bytes sent;
  std::vector<std::string> skipped;
  bool operator==(const Filtered&) const = default;
};

/// `stream` arrives in parts of `part_bytes`, the first of `cut`.
Result<Filtered> filtered(ByteView stream, MqttVersion version, std::size_t cut, std::size_t part_bytes) {
  MqttFraming framing(version, Sender::broker);
  OversizeFilter filter(version, kBytesMax);
  Filtered result;
  for (std::size_t size = cut; !stream.empty(); size = part_bytes) {
    ByteView part = stream.first(std::min(size, stream.size()));
    stream = stream.subspan(part.size());
    while (!part.empty()) {
      auto piece = framing.next(part);
      if (!piece) return failed(piece);
      auto passed = filter.pass(*piece, part.first(piece->bytes));
      if (!passed) return failed(passed);
      EXPECT_LE(passed->size(), piece->bytes + MqttFraming::kHeaderBytesMax);
      append(result.sent, *passed);
      part = part.subspan(piece->bytes);
      if (!piece->ends || !filter.swallows()) continue;
      if (piece->packet.qos() > 0) {
        append(result.sent, filter.stand_in());
      } else {
        result.skipped.push_back(filter.topic());
      }
    }
  }
  return result;
}

/// A stream of all kinds, and what must come of it.
std::pair<Bytes, Filtered> stream_of_all_kinds(MqttVersion version) {
  Bytes stream;
  Filtered expected;
  const auto passes = [&](const Bytes& packet) {
    append(stream, packet);
    append(expected.sent, packet);
  };
  const Bytes properties = version == MqttVersion::v5 ? Bytes(100, 0x26) : Bytes{};
  const Bytes much_too_large(20'000, 'x');
  for (const std::uint8_t first_byte : {kQos1, kQos2DupRetain, std::uint8_t{0x3A}}) {
    for (const std::string& topic : {std::string("plant/7"), std::string(), std::string(300, 't')}) {
      passes(kPingresp);
      Publish just{first_byte, topic, 0x0102, properties, Bytes(1)};
      while (encoded(just, version).size() < kBytesMax) just.payload.push_back(0xC0);
      if (topic.size() < kBytesMax) passes(encoded(just, version));
      just.payload.push_back(0xC0);
      for (const Bytes& payload : {just.payload, much_too_large}) {
        append(stream, encoded({first_byte, topic, 0x0102, properties, payload}, version));
        append(expected.sent, encoded({first_byte, topic, 0x0102, {}, {}}, version));
      }
    }
  }
  for (const std::string& topic : {std::string("plant/0"), std::string()}) {
    append(stream, encoded({0x30, topic, 0, properties, much_too_large}, version));
    expected.skipped.push_back(topic);
    passes(encoded({0x31, "plant/7", 0, properties, {}}, version));
  }
  return {stream, expected};
}

class OversizeFilterTest : public testing::TestWithParam<MqttVersion> {};
INSTANTIATE_TEST_SUITE_P(Versions, OversizeFilterTest, testing::Values(MqttVersion::v5, MqttVersion::v3_1_1));

TEST_P(OversizeFilterTest, PutsStandInsForWhatIsTooLargeAndPassesAllElse) {
  const auto [stream, expected] = stream_of_all_kinds(GetParam());
  const auto got = filtered(stream, GetParam(), stream.size(), stream.size());
  ASSERT_THAT(got, test::IsOk());
  EXPECT_TRUE(got->sent == expected.sent) << to_hex(got->sent) << "\n" << to_hex(expected.sent);
  EXPECT_EQ(got->skipped, expected.skipped);
}

TEST_P(OversizeFilterTest, DoesSoHoweverTheStreamIsCut) {
  const auto [stream, expected] = stream_of_all_kinds(GetParam());
  for (const std::size_t part_bytes : {1U, 2U, 3U, 7U, 100U}) {
    ASSERT_TRUE(filtered(stream, GetParam(), part_bytes, part_bytes).value() == expected) << part_bytes;
  }
  // Every cut within the first packets; the later ones differ by topic and flags.
  const auto first = ByteView(stream).first(1000);
  const auto whole = filtered(first, GetParam(), first.size(), first.size());
  for (std::size_t cut = 1; cut < first.size(); ++cut) {
    ASSERT_TRUE(filtered(first, GetParam(), cut, first.size()).value() == whole.value()) << cut;
  }
}

TEST_P(OversizeFilterTest, KeepsTheLongestTopic) {
  const std::string topic(65'535, 't');
  const Bytes stream = encoded({kQos1, topic, 0xFFFF, {}, Bytes(100'000, 'x')}, GetParam());
  const Bytes stand_in = encoded({kQos1, topic, 0xFFFF, {}, {}}, GetParam());
  for (const std::size_t part_bytes : {std::size_t{1}, std::size_t{4096}, stream.size()}) {
    const auto got = filtered(stream, GetParam(), part_bytes, part_bytes);
    ASSERT_THAT(got, test::IsOk());
    EXPECT_TRUE(got->sent == stand_in) << part_bytes;
  }
  const auto qos0 = filtered(encoded({0x30, topic, 0, {}, {}}, GetParam()), GetParam(), 1, 1000);
  EXPECT_EQ(qos0.value().skipped, std::vector<std::string>{topic});
}

TEST_P(OversizeFilterTest, RefusesAnyOtherPacketThatIsTooLarge) {
  const Bytes suback = packet_of(0x90, Bytes(kBytesMax, 1));
  EXPECT_THAT(filtered(suback, GetParam(), 1, 1),
              Fails(Kind::corrupt, HasSubstr("from the broker: SUBACK: 203 bytes, and 200 are taken")));
}

}  // namespace
}  // namespace edgeseal::transport
