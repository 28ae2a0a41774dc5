// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/ack_gate.h"

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "tests/component/mqtt/ack_gate_fixture.h"

namespace edgeseal::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(AckGateTest, KeepsAPubackAndPassesAllElse) {
  open_with_client();
  broker.say(publish(1));
  EXPECT_EQ(client.hear(publish(1).size()), publish(1));
  client.say(puback(1) + kPingreq);
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
  broker.say(kPingresp);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
  EXPECT_THAT(written_ids(), testing::IsEmpty());

  gate->release({1});
  EXPECT_EQ(broker.hear_like(puback(1)), puback(1));
  EXPECT_TRUE(eventually([&] { return written_ids() == std::vector<std::uint16_t>{1}; }));
}

TEST_F(AckGateTest, WritesAcknowledgementsInOrder) {
  open_with_client();
  for (std::uint16_t id = 1; id <= 3; ++id) broker.say(publish(id));
  EXPECT_EQ(client.hear(3 * publish(1).size()).size(), 3 * publish(1).size());
  gate->release({3});
  client.say(puback(1) + puback(2) + puback(3) + kPingreq);
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
  gate->release({1});
  EXPECT_EQ(broker.hear_like(puback(1)), puback(1));
  gate->release({2});
  EXPECT_EQ(broker.hear_like(puback(2) + puback(3)), puback(2) + puback(3));
}

TEST_F(AckGateTest, KeepsAPubrecOfMqtt5AndPassesItsPubcomp) {
  open_with_client({.version = MqttVersion::v5});
  const std::string qos2 =
      "3407000161000700"
      "78";
  broker.say(qos2);
  EXPECT_EQ(client.hear_like(qos2), qos2);
  client.say(pubrec(7) + kPingreq);
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
  gate->release({7});
  EXPECT_EQ(broker.hear_like(pubrec(7)), pubrec(7));
  broker.say(pubrel(7));
  EXPECT_EQ(client.hear_like(pubrel(7)), pubrel(7));
  client.say(pubcomp(7));
  EXPECT_EQ(broker.hear_like(pubcomp(7)), pubcomp(7));
}

TEST_F(AckGateTest, TellsAClientOf311ThePubrelRightBehindTheMessage) {
  open_with_client();
  Bytes both = publish(7, 1, 0x34);
  append(both, publish(8));
  broker.say(both);
  EXPECT_EQ(client.hear(publish(7).size()), publish(7, 1, 0x34));
  EXPECT_EQ(client.hear_like(pubrel(7)), pubrel(7));
  EXPECT_EQ(client.hear(publish(8).size()), publish(8));
  client.say(pubrec(7) + pubcomp(7) + kPingreq);
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
  gate->release({7});
  EXPECT_EQ(broker.hear_like(pubrec(7)), pubrec(7));
  broker.say(pubrel(7));
  EXPECT_EQ(client.hear_like(pubrel(7)), pubrel(7));
  client.say(pubcomp(7));
  EXPECT_EQ(broker.hear_like(pubcomp(7)), pubcomp(7));
}

// --- bounds
// -------------------------------------------------------------------------------------------------------------

// The client asks for an answer within its keep-alive although nothing is read from the broker.
TEST_F(AckGateTest, StopsReadingAtItsBoundAndAnswersTheClientItself) {
  open_with_client({.version = MqttVersion::v3_1_1, .unacknowledged_max = 2});
  for (std::uint16_t id = 1; id <= 5; ++id) broker.say(publish(id));
  broker.say(kPingresp);
  broker.say(kSuback);
  const std::size_t each = publish(1).size();
  EXPECT_EQ(client.hear(3 * each).size(), 3 * each);
  client.say(puback(1) + puback(2) + puback(3) + kPingreq);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);  // and not the fourth message
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);

  gate->release({1, 2, 3});
  EXPECT_EQ(broker.hear_like(puback(1) + puback(2) + puback(3)), puback(1) + puback(2) + puback(3));
  EXPECT_EQ(client.hear(each), publish(4));
  EXPECT_EQ(client.hear(each), publish(5));
  EXPECT_EQ(client.hear_like(kSuback), kSuback);  // the broker's PINGRESP is not passed on: it was answered
}

TEST_F(AckGateTest, CountsBytesToo) {
  open_with_client({.version = MqttVersion::v3_1_1, .unacknowledged_bytes_max = 100'000});
  for (std::uint16_t id = 1; id <= 3; ++id) broker.say(publish(id, 60'000));
  const std::size_t each = publish(1, 60'000).size();
  EXPECT_EQ(client.hear(2 * each).size(), 2 * each);
  client.say(puback(1) + kPingreq);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
  gate->release({1});
  EXPECT_EQ(client.hear(each), publish(3, 60'000));
}

TEST_F(AckGateTest, PassesALargePacketBothWays) {
  open_with_client();
  const Bytes large = publish(1, 5'000'000);
  std::thread speaker([&] { broker.say(large); });
  EXPECT_EQ(client.hear(large.size()), large);
  speaker.join();
  speaker = std::thread([&] { client.say(large); });
  EXPECT_EQ(broker.hear(large.size()), large);
  speaker.join();
}

TEST_F(AckGateTest, BearsAStreamThatComesByteByByte) {
  open_with_client();
  Bytes stream = publish(1);
  append(stream, publish(2, 3, 0x34));
  append(stream, from_hex(kPingresp).value());
  for (const std::uint8_t byte : stream) broker.say(ByteView(&byte, 1));
  EXPECT_EQ(client.hear(publish(1).size()), publish(1));
  EXPECT_EQ(client.hear(publish(2, 3).size()), publish(2, 3, 0x34));
  EXPECT_EQ(client.hear_like(pubrel(2)), pubrel(2));
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
  const Bytes answer = from_hex(puback(1) + kPingreq).value();
  for (const std::uint8_t byte : answer) client.say(ByteView(&byte, 1));
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
  gate->release({1});
  EXPECT_EQ(broker.hear_like(puback(1)), puback(1));
}

// --- packets that are too large
// ---------------------------------------------------------------------------------------------

// An MQTT 5 broker that does not heed the Maximum Packet Size.
TEST_F(AckGateTest, PutsAStandInForWhatIsTooLargeAndHoldsItsAcknowledgement) {
  open_with_client({.version = MqttVersion::v5, .packet_bytes_max = 16});
  const std::string small =
      "32070001610001"
      "0078";
  const std::string large =
      "3a12000162000201"
      "23" +
      std::string(2 * 11, '0');
  const std::string stand_in =
      "3a060001620002"
      "00";
  const std::string next = "320700016100030078";
  broker.say(small + large + next);
  EXPECT_EQ(client.hear_like(small + stand_in + next), small + stand_in + next);
  EXPECT_EQ(gate->skipped_bytes(1), 0U);
  EXPECT_EQ(gate->skipped_bytes(2), 20U);
  EXPECT_TRUE(gate->was_dup(2));
  client.say(puback(1) + puback(2) + kPingreq);
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
  gate->release({1, 2});
  EXPECT_EQ(broker.hear_like(puback(1) + puback(2)), puback(1) + puback(2));
}

// On a slow link that may take longer than the client waits for an answer, and the broker's comes behind it.
TEST_F(AckGateTest, AnswersTheClientItselfWhileALargePacketIsSkipped) {
  open_with_client({.version = MqttVersion::v3_1_1, .packet_bytes_max = 16});
  const std::string small = "3206000161000178";
  broker.say(small + "32200001620002" + std::string(2 * 10, '0'));  // 17 bytes more are to come
  EXPECT_EQ(client.hear_like(small), small);
  client.say(kPingreq);
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
  const std::string stand_in = "32050001620002";
  broker.say(std::string(2 * 17, '0') + kPingresp + kSuback);
  EXPECT_EQ(client.hear_like(stand_in + kSuback), stand_in + kSuback) << "and not a second answer";
}

// The stand-in is larger than the gate's buffers, and nothing comes behind it.
TEST_F(AckGateTest, PutsAStandInWithTheLongestTopic) {
  open_with_client({.version = MqttVersion::v3_1_1, .packet_bytes_max = 1000});
  Bytes stand_in = from_hex(
                       "32838004"
                       "ffff")
                       .value();
  append(stand_in, Bytes(0xFFFF, 't'));
  append(stand_in, from_hex("0009").value());
  Bytes large = stand_in;
  large[1] = 0x84;  // one byte of payload
  large.push_back('x');
  broker.say(large);
  EXPECT_TRUE(client.hear(stand_in.size()) == stand_in);
}

TEST_F(AckGateTest, TellsAClientOf311ThePubrelBehindAStandInToo) {
  open_with_client({.version = MqttVersion::v3_1_1, .packet_bytes_max = 1000});
  broker.say(publish(7, 2000, 0x34));
  const std::string told = "34050001610007" + pubrel(7);
  EXPECT_EQ(client.hear_like(told), told);
}

// Far more than any buffer holds, and than would be read while it counts as unacknowledged.
TEST_F(AckGateTest, SkipsAPacketOfAnySizeAndCountsItsStandIn) {
  open_with_client(
      {.version = MqttVersion::v3_1_1, .unacknowledged_bytes_max = 1'000'000, .packet_bytes_max = 1'000'000});
  const std::string stand_ins =
      "32050001610001"
      "32050001610002";
  for (std::uint16_t id = 1; id <= 2; ++id) broker.say(publish(id, 5'000'000));
  EXPECT_EQ(client.hear_like(stand_ins), stand_ins);
  EXPECT_EQ(gate->skipped_bytes(2), publish(2, 5'000'000).size());
}

TEST_F(AckGateTest, ReportsWhatIsTooLargeAndHasNoAcknowledgement) {
  open_with_client({.version = MqttVersion::v3_1_1, .packet_bytes_max = 16});
  broker.say(
      "3014"
      "000161" +
      std::string(2 * 17, '0') + kPingresp);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
  EXPECT_THAT(skipped.with([](const auto& all) { return all; }), ElementsAre("a"));
}

TEST_F(AckGateTest, EndsWithTheReasonWhenAnotherPacketIsTooLarge) {
  open_with_client({.version = MqttVersion::v5, .packet_bytes_max = 16});
  broker.say("9014");
  EXPECT_TRUE(client.hears_the_end());
  EXPECT_THAT(ended.get(), HasSubstr("malformed MQTT from the broker: SUBACK: 22 bytes, and 16 are taken"));
}

// --- who may connect
// ----------------------------------------------------------------------------------------------------

TEST_F(AckGateTest, RefusesASecondConnection) {
  open_with_client();
  broker.say(kPingresp);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
  EXPECT_LT(connect_to(gate->port()).number(), 0);
}

TEST_F(AckGateTest, TurnsAnotherProcessAway) {
  open();
  const std::string stranger = "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(gate->port()) + "; cat <&3; echo done";
  EXPECT_EQ(run({"bash", "-c", stranger}).out, "done\n");
  client = Peer(connect_to(gate->port()));
  connect(MqttVersion::v3_1_1);
  broker.say(kPingresp);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
}

// --- the end
// ------------------------------------------------------------------------------------------------------------

TEST_F(AckGateTest, EndsWhenTheBrokerHangsUpAfterPassingItsLastWords) {
  open();
  client = Peer(connect_to(gate->port()));
  broker.say("20020005");  // CONNACK: not authorised
  broker.hang_up();
  EXPECT_EQ(client.hear_like("20020005"), "20020005");
  EXPECT_TRUE(client.hears_the_end());
  EXPECT_THAT(ended.get(), HasSubstr("the broker closed the connection"));
}

TEST_F(AckGateTest, EndsWhenTheClientHangsUpAndForgetsWhatItHolds) {
  open_with_client();
  broker.say(publish(1));
  EXPECT_EQ(client.hear(publish(1).size()), publish(1));
  client.say(puback(1) + kDisconnect);
  client.hang_up();
  EXPECT_EQ(broker.hear_like(kDisconnect), kDisconnect);
  EXPECT_TRUE(broker.hears_the_end());
  EXPECT_THAT(ended.get(), HasSubstr("the client closed the connection"));
}

TEST_F(AckGateTest, EndsWithTheReasonWhenTheBrokerBreaksTheRules) {
  open_with_client();
  broker.say("36");
  EXPECT_TRUE(client.hears_the_end());
  EXPECT_TRUE(broker.hears_the_end());
  EXPECT_THAT(ended.get(), HasSubstr("malformed MQTT from the broker: PUBLISH: QoS 3"));
}

// --- what MQTT forbids
// ----------------------------------------------------------------------------------------------------------------

constexpr const char* kConnect = "100e00044d5154540502001e00000161";

struct Forbidden {
  const char* name;
  const char* packet;
  const char* reason;  ///< of our DISCONNECT
  const char* why;
};
constexpr std::array kForbidden{
    Forbidden{"alias", "320a00016100010323000178", "94", "topic alias"},
    Forbidden{"alias 0", "320a00016100010323000078", "94", "topic alias"},
    Forbidden{"alias for a topic", "3208000000010323000a", "94", "topic alias"},
    Forbidden{"no topic", "32050000000100", "82", "empty topic"},
    Forbidden{"no topic, QoS 0", "3003000000", "82", "empty topic"},
    Forbidden{"wildcard",
              "32060001230001"
              "00",
              "81", "wildcard"},
    Forbidden{"U+0000",
              "32060001000001"
              "00",
              "81", "U+0000"},
    Forbidden{"not UTF-8",
              "32060001ff0001"
              "00",
              "81", "not UTF-8"},
    Forbidden{"QoS 3", "36", "81", "QoS 3"},
    Forbidden{"DUP, QoS 0", "38", "81", "DUP"},
    Forbidden{"identifier 0", "3206000161000000", "82", "packet identifier 0"},
    Forbidden{"flags", "d1", "81", "wrong flags"},
    Forbidden{"section too long", "3206000161000105", "81", "longer than the packet"},
    Forbidden{"section without an end", "320a00016100018080808001", "81", "property length"},
    Forbidden{"section of no shortest form", "320700016100018000", "81", "property length"},
    Forbidden{"unknown property", "32080001610001027f00", "81", "unknown property"},
    Forbidden{"property of CONNACK",
              "32090001610001032100"
              "0a",
              "82", "does not belong"},
    Forbidden{"twice",
              "320a0001610001040100"
              "0100",
              "82", "comes twice"},
    Forbidden{"not whole", "320800016100010226ff", "81", "not whole"},
    Forbidden{"payload format 2", "32080001610001020102", "82", "payload format"},
    Forbidden{"subscription identifier 0", "32080001610001020b00", "82", "subscription identifier"},
    Forbidden{"subscription identifier without an end", "320b0001610001050bffffffff", "81", "not whole"},
    Forbidden{"SUBSCRIBE", "82", "82", "not for this side"},
    Forbidden{"PINGREQ", "c000", "82", "not for this side"},
    Forbidden{"a second CONNACK", "2003000000", "82", "a second one"},
    Forbidden{"long SUBACK", "90ffff7f", "95", "are taken"},
    Forbidden{"SUBACK without a code", "9003000100", "81", "too short"},
    Forbidden{"SUBACK with two codes", "90050001000101", "82", "2 reason codes"},
    Forbidden{"UNSUBACK without a code", "b003000100", "81", "too short"},
    Forbidden{"remaining length", "d08000", "81", "shortest form"},
};

TEST_F(AckGateTest, LeavesABrokerThatBreaksTheRulesWithTheReasonAndAcknowledgesNothing) {
  for (const Forbidden& each : kForbidden) {
    SCOPED_TRACE(each.name);
    open_with_client({.version = MqttVersion::v5});
    client.say(kConnect);
    EXPECT_EQ(broker.hear_like(kConnect), kConnect);
    broker.say(each.packet);
    const std::string goodbye = std::string("e001") + each.reason;
    EXPECT_EQ(broker.hear_like(goodbye), goodbye);
    EXPECT_TRUE(broker.hears_the_end());
    EXPECT_TRUE(client.hears_the_end()) << "and nothing of the packet";
    EXPECT_THAT(ended.get(), HasSubstr(each.why));
  }
}

struct Forbidden311 {
  const char* name;
  const char* packet;
  const char* why;
};
constexpr std::array kForbidden311{
    Forbidden311{"no topic", "320500000009", "empty topic"},
    Forbidden311{"no topic, QoS 0", "3003000078", "empty topic"},
    Forbidden311{"wildcard", "32060001230009", "wildcard"},
    Forbidden311{"U+0000", "32060001000009", "U+0000"},
    Forbidden311{"not UTF-8", "32060001ff0009", "not UTF-8"},
    Forbidden311{"QoS 3", "36", "QoS 3"},
    Forbidden311{"DUP, QoS 0", "38", "DUP"},
    Forbidden311{"identifier 0", "3206000161000078", "packet identifier 0"},
    Forbidden311{"an identifier in use", "3206000161000178", "packet identifier 1 is in use"},
    Forbidden311{"an identifier in use, QoS 2", "3406000161000178", "packet identifier 1 is in use"},
    Forbidden311{"shorter than its topic", "320400100161", "PUBLISH"},
    Forbidden311{"flags", "d1", "wrong flags"},
    Forbidden311{"SUBSCRIBE", "82", "not for this side"},
    Forbidden311{"PINGREQ", "c000", "not for this side"},
    Forbidden311{"AUTH", "f0", "AUTH"},
    Forbidden311{"a second CONNACK", "20020000", "a second one"},
    Forbidden311{"long SUBACK", "90ffff7f", "are taken"},
    Forbidden311{"SUBACK without a code", "90020001", "too short"},
    Forbidden311{"SUBACK with two codes", "900400010101", "2 reason codes"},
    Forbidden311{"remaining length", "d08000", "shortest form"},
};

// MQTT 3.1.1 section 4.8: there is no reason to give, the connection is closed.
TEST_F(AckGateTest, LeavesABrokerOf311ThatBreaksTheRulesWithoutAWordAndAcknowledgesNothing) {
  const std::string connect_311 = "100d00044d5154540400001e000161";
  for (const Forbidden311& each : kForbidden311) {
    SCOPED_TRACE(each.name);
    open_with_client({.version = MqttVersion::v3_1_1});
    client.say(connect_311);
    EXPECT_EQ(broker.hear_like(connect_311), connect_311);
    broker.say(publish(1));
    EXPECT_EQ(client.hear(publish(1).size()), publish(1));
    client.say(puback(1) + kPingreq);
    EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
    broker.say(each.packet);
    EXPECT_TRUE(client.hears_the_end()) << "and nothing of the packet";
    EXPECT_TRUE(broker.hears_the_end()) << "and no acknowledgement";
    EXPECT_THAT(ended.get(), HasSubstr(each.why));
    gate->release({1});
    EXPECT_TRUE(written_ids().empty());
    wake.clear();  // for the next gate
  }
}

TEST_F(AckGateTest, LeavesABrokerThatSpeaksBeforeItsConnack) {
  open({.version = MqttVersion::v5});
  client = Peer(connect_to(gate->port()));
  client.say(kConnect);
  EXPECT_EQ(broker.hear_like(kConnect), kConnect);
  broker.say(publish(1));
  EXPECT_EQ(broker.hear_like("e00182"), "e00182");
  EXPECT_TRUE(client.hears_the_end());
  EXPECT_THAT(ended.get(), HasSubstr("before CONNACK"));
}

/// 150,000 empty user properties.
Bytes with_many_properties(std::uint8_t first_byte) {
  constexpr std::size_t kCount = 150'000;
  Bytes body = from_hex("000161").value();
  WireWriter out(body);
  if ((first_byte & 6) != 0) out.u16(9);
  const auto length = [](Bytes& to, std::size_t value) {
    for (; value > 0x7F; value >>= 7) to.push_back(static_cast<std::uint8_t>(value | 0x80));
    to.push_back(static_cast<std::uint8_t>(value));
  };
  length(body, 5 * kCount);
  for (std::size_t i = 0; i < kCount; ++i) out.bytes(Bytes{38, 0, 0, 0, 0});
  Bytes packet{first_byte};
  length(packet, body.size());
  append(packet, body);
  return packet;
}

TEST_F(AckGateTest, SkipsAMessageWithTooManyPropertiesAsTooLarge) {
  open_with_client({.version = MqttVersion::v5});
  for (const std::uint8_t first_byte : std::array<std::uint8_t, 2>{0x32, 0x34}) {
    const Bytes large = with_many_properties(first_byte);
    broker.say(large);
    const std::string stand_in = to_hex(ByteView(&first_byte, 1)) + "06000161000900";
    EXPECT_EQ(client.hear_like(stand_in), stand_in);
    EXPECT_EQ(gate->skipped_bytes(9), large.size());
    const std::string answer = first_byte == 0x32 ? puback(9) : pubrec(9);
    client.say(answer);
    gate->release({9});
    EXPECT_EQ(broker.hear_like(answer), answer);
  }
  broker.say(with_many_properties(0x30));
  EXPECT_TRUE(eventually([&] { return skipped.with([](const auto& all) { return all.size(); }) == 1; }));
}

// --- QoS 2 told twice
// -----------------------------------------------------------------------------------------------------------------

TEST_F(AckGateTest, AnswersARepeatedQos2MessageItself) {
  for (const MqttVersion version : {MqttVersion::v5, MqttVersion::v3_1_1}) {
    open_with_client({.version = version});
    const bool v5 = version == MqttVersion::v5;
    const std::string first = v5 ? "340700016100070078" : "3406000161000778";
    const std::string again = v5 ? "3c0700016100070078" : "3c06000161000778";
    const std::string to_client = first + (v5 ? "" : pubrel(7));
    broker.say(first);
    EXPECT_EQ(client.hear_like(to_client), to_client);
    client.say(pubrec(7) + (v5 ? "" : pubcomp(7)));
    gate->release({7});
    EXPECT_EQ(broker.hear_like(pubrec(7)), pubrec(7));
    broker.say(again + kPingresp);
    EXPECT_EQ(client.hear_like(kPingresp), kPingresp) << "and not the message";
    EXPECT_EQ(broker.hear_like(pubrec(7)), pubrec(7));
    broker.say(pubrel(7));
    EXPECT_EQ(client.hear_like(pubrel(7)), pubrel(7));
    client.say(pubcomp(7));
    EXPECT_EQ(broker.hear_like(pubcomp(7)), pubcomp(7));
    EXPECT_EQ(written_ids(), std::vector<std::uint16_t>{7});
    written.with([](auto& all) { all.clear(); });
    gate->stop();
    ended.wait();
  }
}

// --- stopping
// ---------------------------------------------------------------------------------------------------------------------

TEST_F(AckGateTest, EndsWithTheReasonWhenTheClientAcknowledgesWhatDidNotCome) {
  open_with_client();
  client.say(puback(9));
  EXPECT_TRUE(broker.hears_the_end());
  EXPECT_THAT(ended.get(), HasSubstr("PUBACK of a message that did not come: packet 9"));
}

TEST_F(AckGateTest, FinishesWhatIsReleasedWhenStopped) {
  open_with_client();
  broker.say(publish(1));
  broker.say(publish(2));
  EXPECT_EQ(client.hear(2 * publish(1).size()).size(), 2 * publish(1).size());
  gate->release({1});
  gate->stop();
  EXPECT_EQ(ended.get(), "stopped");
  client.say(puback(1) + puback(2) + kDisconnect);
  client.hang_up();
  gate->finish();
  EXPECT_EQ(broker.hear_like(puback(1) + kDisconnect), puback(1) + kDisconnect);
  EXPECT_TRUE(broker.hears_the_end());
  gate.reset();
}

TEST_F(AckGateTest, StopsWhileItWaitsForItsClient) {
  open();
  gate->stop();
  EXPECT_EQ(ended.get(), "stopped");
  gate->finish();
}

}  // namespace
}  // namespace edgeseal::test
