// SPDX-License-Identifier: GPL-3.0-or-later
// Each verdict on a packet by itself, however its bytes are cut.
#include "transport/ingest/broker_guard.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "crypto/base/wire.h"

namespace edgeseal::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint32_t kPacketBytesMax = 200;
constexpr std::uint8_t kPassed = 0;
constexpr std::uint8_t kTooLarge = 1;  // no reason code; those begin with 0x80

/// What became of the packet behind CONNACK.
struct Seen {
  std::uint8_t verdict = 0xFF;  ///< kPassed, kTooLarge, or the reason code of a refusal; 0xFF: none
  std::string why;
  Bytes passed;
};

/// Feeds all bytes in parts of `part_bytes`, the first of `first`.
Seen judge(MqttVersion version, ByteView packets, std::size_t first, std::size_t part_bytes) {
  MqttFraming framing(version, Sender::broker);
  BrokerGuard guard(version, kPacketBytesMax);
  Seen seen;
  while (!packets.empty()) {
    const auto piece = framing.next(packets.first(std::min(first, packets.size())));
    first = part_bytes;
    if (!piece) {
      seen.verdict = framing.reason();
      seen.why = piece.error().what;
      return seen;
    }
    const ByteView bytes = packets.first(piece->bytes);
    packets = packets.subspan(piece->bytes);
    const auto judged = guard.take(*piece, bytes);
    if (!judged) {
      seen.verdict = guard.reason();
      seen.why = judged.error().what;
      return seen;
    }
    if (*judged) {
      seen.verdict = (*judged)->too_large ? kTooLarge : kPassed;
      append(seen.passed, (*judged)->header);
      append(seen.passed, (*judged)->rest);
      guard.forget_head();
    } else if (!guard.holds()) {
      append(seen.passed, bytes);
    }
  }
  return seen;
}

const Bytes kConnack5{0x20, 3, 0, 0, 0};
const Bytes kConnack3{0x20, 2, 0, 0};

Bytes with_length(std::uint8_t first_byte, ByteView body) {
  Bytes packet{first_byte};
  std::size_t length = body.size();
  for (; length > 0x7F; length >>= 7) packet.push_back(static_cast<std::uint8_t>(length | 0x80));
  packet.push_back(static_cast<std::uint8_t>(length));
  append(packet, body);
  return packet;
}

/// A PUBLISH of QoS 1 of MQTT 5 with these properties, in hexadecimal and without their length.
Bytes publish5(std::string_view properties_hex, std::string_view topic = "a") {
  const Bytes properties = from_hex(properties_hex).value();
  Bytes body;
  WireWriter out(body);
  out.u16(static_cast<std::uint16_t>(topic.size()));
  out.bytes(as_bytes(topic));
  out.u16(7);
  if (properties.size() > 0x7F) out.u8(static_cast<std::uint8_t>(properties.size() | 0x80));
  out.u8(static_cast<std::uint8_t>(properties.size() > 0x7F ? properties.size() >> 7 : properties.size()));
  out.bytes(properties);
  return with_length(0x32, body);
}

struct VerdictRow {
  const char* name;
  Bytes packet;
  std::uint8_t verdict;
  const char* why = "";
  MqttVersion version = MqttVersion::v5;
};

// Sections of MQTT 5.0; reason codes are those of section 3.14.2.1.
std::vector<VerdictRow> verdict_rows() {
  using std::string_view_literals::operator""sv;
  const auto hex = [](std::string_view text) { return from_hex(text).value(); };
  const auto v3 = MqttVersion::v3_1_1;
  return {
      {"3.3 a PUBLISH", publish5(""), kPassed},
      {"3.3.2.3 each property that it may have",
       publish5("0101"
                "0200000e10"
                "03000174"
                "080001"
                "72"
                "0900020102"
                "0b01"
                "0b02"
                "26000161000162"),
       kPassed},
      {"3.3 of QoS 0",
       hex("3005000161"
           "00"
           "78"),
       kPassed},
      {"3.3.2.1 no topic", publish5("", ""), 0x82, "an empty topic"},
      {"3.3.2.1 a wildcard", publish5("", "a/#"), 0x81, "a wildcard"},
      {"1.5.4 U+0000", publish5("", "a\0b"sv), 0x81, "U+0000"},
      {"1.5.4 no UTF-8", publish5("", "a\xff"), 0x81, "not UTF-8"},
      {"1.5.4 a surrogate", publish5("", "\xed\xa0\x80"), 0x81, "not UTF-8"},
      {"3.3.2.3.4 a topic alias", publish5("230001"), 0x94, "a topic alias"},
      {"3.3.2.3.4 without a topic", publish5("230001", ""), 0x94, "a topic alias"},
      {"3.3.2.3.2 payload format 2", publish5("0102"), 0x82, "payload format 2"},
      {"3.3.2.3.8 subscription identifier 0", publish5("0b00"), 0x82, "subscription identifier 0"},
      {"2.2.2.2 twice", publish5("01000100"), 0x82, "property 1 comes twice"},
      {"2.2.2.2 of another packet", publish5("2101"), 0x81, "property 33 is not whole"},
      {"2.2.2.2 of another packet, whole", publish5("210001"), 0x82, "does not belong here"},
      {"2.2.2.2 no property", publish5("07"), 0x81, "an unknown property"},
      {"2.2.2.2 an identifier of two bytes", publish5("8101"), 0x81, "an unknown property"},
      {"2.2.2.2 a value that is cut", publish5("030005"), 0x81, "property 3 is not whole"},
      {"2.2.2.1 properties beyond the packet", hex("3206000161000705"), 0x81, "longer than the packet"},
      {"1.5.5 their length is not in its shortest form",
       hex("32080001610007"
           "8000"
           "78"),
       0x81, "its property length"},
      {"1.5.5 their length has five bytes",
       hex("320a0001610007"
           "8080808001"),
       0x81, "its property length"},
      {"2.2.2.1 their length is missing", hex("32050001610007"), 0x81, "its property length"},
      {"3.3 too large", with_length(0x32, Bytes(kPacketBytesMax, 'x')), 0x81, "topic is longer"},
      {"3.3 more than is taken", publish5("", std::string(kPacketBytesMax, 't')), kTooLarge},
      {"3.3 more than is taken, and no UTF-8", publish5("", std::string(kPacketBytesMax, '\xff')), 0x81, "UTF-8"},
      {"3.2 a second CONNACK", kConnack5, 0x82, "a second one"},
      {"3.9 SUBACK",
       hex("90040001"
           "00"
           "01"),
       kPassed},
      {"3.9 SUBACK with a property twice",
       hex("900a0001"
           "06"
           "1f0000"
           "1f0000"
           "01"),
       0x82, "comes twice"},
      {"3.9 SUBACK with user properties",
       hex("900e0001"
           "0a"
           "2600000000"
           "2600000000"
           "01"),
       kPassed},
      {"3.9 SUBACK whose properties are too long",
       hex("90040001"
           "09"
           "01"),
       0x81, "longer than the packet"},
      {"3.9 SUBACK of more than is taken", with_length(0x90, Bytes(kPacketBytesMax + 1, 1)), 0x95, "are taken"},
      {"3.13 PINGRESP", hex("d000"), kPassed},
      {"3.4 PUBACK with a reason",
       hex("40030007"
           "10"),
       kPassed},
      {"3.6 PUBREL with a property",
       hex("62080007"
           "00"
           "04"
           "1f000178"),
       kPassed},
      {"3.14 DISCONNECT", hex("e000"), kPassed},
      {"3.14 DISCONNECT with a property that is none",
       hex("e003"
           "00"
           "01"
           "07"),
       0x81, "an unknown property"},
      {"MQTT 3.1.1 a PUBLISH",
       hex("32060001"
           "61"
           "0007"
           "78"),
       kPassed, "", v3},
      {"MQTT 3.1.1 a wildcard",
       hex("32060001"
           "2b"
           "0007"
           "78"),
       0x81, "a wildcard", v3},
      {"MQTT 3.1.1 no topic",
       hex("32050000"
           "0007"
           "78"),
       0x82, "an empty topic", v3},
  };
}

TEST(BrokerGuardTest, JudgesEachPacketAlikeHoweverItIsCut) {
  for (const VerdictRow& row : verdict_rows()) {
    Bytes stream = row.version == MqttVersion::v5 ? kConnack5 : kConnack3;
    append(stream, row.packet);
    for (std::size_t first = 1; first <= stream.size(); ++first) {
      for (const std::size_t part_bytes : {stream.size(), std::size_t{1}}) {
        SCOPED_TRACE(std::string(row.name) + ", cut at " + std::to_string(first));
        const Seen seen = judge(row.version, stream, first, part_bytes);
        ASSERT_EQ(seen.verdict, row.verdict) << seen.why;
        ASSERT_THAT(seen.why, HasSubstr(row.why));
        if (row.verdict <= kTooLarge) {
          ASSERT_EQ(seen.passed, stream);
        } else {
          ASSERT_THAT(seen.why, StartsWith("malformed MQTT from the broker: "));
          ASSERT_TRUE(std::equal(seen.passed.begin(), seen.passed.end(), stream.begin()));
          ASSERT_LT(seen.passed.size(), stream.size());
        }
      }
    }
  }
}

// [MQTT-3.2.0-1]
TEST(BrokerGuardTest, LetsNothingBeforeConnackButWhatMay) {
  struct Early {
    Bytes packet;
    std::uint8_t verdict;
  };
  for (const Early& early : {Early{publish5(""), 0x82}, Early{{0xD0, 0}, 0x82}, Early{{0xE0, 0}, kPassed},
                             Early{{0xF0, 0}, kPassed}, Early{kConnack5, kPassed}}) {
    EXPECT_EQ(judge(MqttVersion::v5, early.packet, 1, 1).verdict, early.verdict) << to_hex(early.packet);
  }
}

std::string times(std::size_t count, std::string_view unit) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += unit;
  return text;
}

// Both bounds are judged from the head, and what is beyond them is skipped like any message that is too large.
TEST(BrokerGuardTest, TakesSoManyPropertiesAndNotOneMore) {
  const auto verdict_of = [](const Bytes& packet) {
    MqttFraming framing(MqttVersion::v5, Sender::broker);
    BrokerGuard guard(MqttVersion::v5, std::uint32_t{1} << 20);
    std::uint8_t verdict = 0xFF;
    Bytes stream = kConnack5;
    append(stream, packet);
    for (ByteView left = stream; !left.empty();) {
      const auto piece = framing.next(left).value();
      const auto judged = guard.take(piece, left.first(piece.bytes)).value();
      if (judged) verdict = judged->too_large ? kTooLarge : kPassed;
      EXPECT_LE(guard.held_bytes(), BrokerGuard::kHeadBytesMax);
      left = left.subspan(piece.bytes);
    }
    return verdict;
  };
  EXPECT_EQ(verdict_of(publish5(times(kPropertiesMax, "2600000000"))), kPassed);
  EXPECT_EQ(verdict_of(publish5(times(kPropertiesMax + 1, "2600000000"))), kTooLarge);
  // Of three bytes; 32,768 bytes have a length of that many.
  Bytes body{0, 1, 'a', 0, 7, 0x81, 0x80, 0x02};
  append(body, Bytes(kPropertyBytesMax + 1, 38));
  EXPECT_EQ(verdict_of(with_length(0x32, body)), kTooLarge);
}

TEST(BrokerGuardTest, ForgetsWhatItHeld) {
  MqttFraming framing(MqttVersion::v3_1_1, Sender::broker);
  BrokerGuard guard(MqttVersion::v3_1_1, kPacketBytesMax);
  const Bytes stream = *from_hex("2002000032080003616263000778");
  const std::uint8_t* held = nullptr;
  for (ByteView left = stream; !left.empty();) {
    const auto piece = framing.next(left).value();
    const auto judged = guard.take(piece, left.first(piece.bytes)).value();
    if (judged) held = judged->rest.data();
    if (judged) guard.forget_head();
    left = left.subspan(piece.bytes);
  }
  EXPECT_EQ(std::vector<int>(held, held + 5), std::vector<int>(5, kWipeByte)) << "the memory is kept for the next head";
}

}  // namespace
}  // namespace edgeseal::transport
