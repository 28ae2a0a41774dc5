// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/ack_ledger.h"

#include <array>
#include <string>
#include <vector>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t kNoLimit = 1'000'000;
constexpr std::array<std::uint16_t, 3> kIds{1, 2, 3};

class AckLedgerTest : public testing::Test {
 protected:
  Bytes publish(std::uint16_t id, std::uint8_t qos = 1, bool dup = false, std::uint32_t bytes = 100) {
    const auto flags = static_cast<std::uint8_t>((dup ? 8 : 0) | qos << 1);
    return ledger.publish_came({.type = PacketType::publish, .flags = flags, .id = id, .bytes = bytes});
  }
  auto begins(std::uint16_t id, std::uint8_t qos, bool dup) const {
    return ledger.publish_begins(packet_of(id, qos, dup));
  }
  void repeated(std::uint16_t id, std::uint8_t qos) { ledger.publish_repeated(packet_of(id, qos, true)); }
  static Packet packet_of(std::uint16_t id, std::uint8_t qos, bool dup) {
    return {PacketType::publish, static_cast<std::uint8_t>((dup ? 8 : 0) | qos << 1), id, 100};
  }
  auto client(PacketType type, std::uint16_t id) {
    const Bytes bytes{static_cast<std::uint8_t>(static_cast<int>(type) << 4), 2, static_cast<std::uint8_t>(id >> 8),
                      static_cast<std::uint8_t>(id)};
    return ledger.client_acknowledged({.type = type, .flags = 0, .id = id, .bytes = 4}, bytes);
  }
  /// "40020001 …": what goes to the broker now.
  std::string taken(std::size_t bytes_max = kNoLimit) {
    std::string text;
    for (const AckLedger::Held& held : ledger.take_released(bytes_max)) {
      text += (text.empty() ? "" : " ") + to_hex(held.bytes);
    }
    return text;
  }
  AckLedger ledger{MqttVersion::v5};
};

TEST_F(AckLedgerTest, KeepsAPubackUntilItsMessageIsReleased) {
  publish(1);
  EXPECT_EQ(client(PacketType::puback, 1), AckLedger::Verdict::keep);
  EXPECT_EQ(taken(), "");
  EXPECT_FALSE(ledger.any_released());
  ledger.release(1);
  EXPECT_TRUE(ledger.any_released());
  EXPECT_EQ(taken(), "40020001");
  EXPECT_EQ(taken(), "");
}

TEST_F(AckLedgerTest, LetsAPubackGoAtOnceWhenTheReleaseCameFirst) {
  publish(1);
  EXPECT_FALSE(ledger.awaits_client());
  ledger.release(1);
  EXPECT_EQ(taken(), "");
  EXPECT_TRUE(ledger.awaits_client());
  EXPECT_THAT(client(PacketType::puback, 1), IsOk());
  EXPECT_EQ(taken(), "40020001");
  EXPECT_FALSE(ledger.awaits_client());
}

TEST_F(AckLedgerTest, AwaitsThePubcompOfTheBrokersPubrel) {
  EXPECT_EQ(ledger.pubrel_came(7), AckLedger::Verdict::pass);
  EXPECT_TRUE(ledger.awaits_client());
  EXPECT_THAT(client(PacketType::pubcomp, 7), IsOk());
  EXPECT_FALSE(ledger.awaits_client());
  EXPECT_THAT(client(PacketType::pubcomp, 7), IsOk());
  EXPECT_FALSE(ledger.awaits_client());
}

// [MQTT-4.6.0-2]: acknowledgements go in the order of the messages.
TEST_F(AckLedgerTest, KeepsTheOrder) {
  for (const std::uint16_t id : kIds) publish(id);
  for (const std::uint16_t id : kIds) EXPECT_THAT(client(PacketType::puback, id), IsOk());
  ledger.release(3);
  ledger.release(2);
  EXPECT_EQ(taken(), "");
  ledger.release(1);
  EXPECT_EQ(taken(), "40020001 40020002 40020003");
}

TEST_F(AckLedgerTest, TakesNoMoreThanThereIsRoomFor) {
  for (const std::uint16_t id : kIds) {
    publish(id);
    EXPECT_THAT(client(PacketType::puback, id), IsOk());
    ledger.release(id);
  }
  EXPECT_EQ(taken(7), "40020001");
  EXPECT_EQ(taken(3), "");
  EXPECT_EQ(taken(8), "40020002 40020003");
}

TEST_F(AckLedgerTest, HoldsPubrecLikePubackAndPassesPubcomp) {
  EXPECT_THAT(publish(9, 2), IsEmpty());
  EXPECT_EQ(client(PacketType::pubrec, 9), AckLedger::Verdict::keep);
  EXPECT_EQ(taken(), "");
  ledger.release(9);
  EXPECT_EQ(taken(), "50020009");
  EXPECT_EQ(client(PacketType::pubcomp, 9), AckLedger::Verdict::pass);
}

// PUBREL comes again for what an earlier connection has received.
TEST_F(AckLedgerTest, PassesThePubcompOfAMessageThatCameOnAnEarlierConnection) {
  EXPECT_EQ(client(PacketType::pubcomp, 77), AckLedger::Verdict::pass);
}

TEST_F(AckLedgerTest, TellsAClientOf311ThePubrelItself) {
  ledger = AckLedger(MqttVersion::v3_1_1);
  EXPECT_EQ(to_hex(publish(0x0102, 2)), "62020102");
  EXPECT_EQ(client(PacketType::pubrec, 0x0102), AckLedger::Verdict::keep);
  EXPECT_EQ(client(PacketType::pubcomp, 0x0102), AckLedger::Verdict::keep);
  EXPECT_EQ(taken(), "");
  ledger.release(0x0102);
  EXPECT_EQ(taken(), "50020102");
  EXPECT_EQ(client(PacketType::pubcomp, 0x0102), AckLedger::Verdict::pass);
}

TEST_F(AckLedgerTest, RefusesAnAcknowledgementOfWhatDidNotCome) {
  publish(1, 1);
  publish(2, 2);
  EXPECT_THAT(client(PacketType::puback, 3), Fails(Kind::corrupt, HasSubstr("packet 3")));
  EXPECT_THAT(client(PacketType::pubrec, 1), Fails(Kind::corrupt, HasSubstr("PUBREC")));
  EXPECT_THAT(client(PacketType::puback, 2), Fails(Kind::corrupt, HasSubstr("PUBACK")));
  EXPECT_THAT(client(PacketType::puback, 1), IsOk());
  ledger.release(1);
  EXPECT_EQ(taken(), "40020001");
  EXPECT_THAT(client(PacketType::puback, 1), Fails(Kind::corrupt, HasSubstr("packet 1")));
}

TEST_F(AckLedgerTest, UsesAnIdentifierAgain) {
  for (int round = 0; round < 3; ++round) {
    publish(1);
    EXPECT_THAT(client(PacketType::puback, 1), IsOk());
    EXPECT_EQ(taken(), "");
    ledger.release(1);
    EXPECT_EQ(taken(), "40020001");
  }
  EXPECT_EQ(ledger.unacknowledged(), 0U);
}

TEST_F(AckLedgerTest, CountsWhatIsNotAcknowledged) {
  publish(1, 1, false, 1000);
  publish(2, 2, false, 500);
  EXPECT_EQ(ledger.unacknowledged(), 2U);
  EXPECT_EQ(ledger.unacknowledged_bytes(), 1500U);
  EXPECT_THAT(client(PacketType::puback, 1), IsOk());
  ledger.release(1);
  EXPECT_EQ(ledger.unacknowledged(), 2U);
  EXPECT_EQ(taken(), "40020001");
  EXPECT_EQ(ledger.unacknowledged(), 1U);
  EXPECT_EQ(ledger.unacknowledged_bytes(), 500U);
}

// Brokers of 3.1.1 may repeat a message on the same connection: the client sees it once, and one answer is enough.
TEST_F(AckLedgerTest, BearsARepeatedPublish) {
  for (const std::uint8_t qos : std::array<std::uint8_t, 2>{1, 2}) {
    publish(qos, qos);
    EXPECT_EQ(begins(qos, qos, true), AckLedger::Arrival::repeated);
    repeated(qos, qos);
    EXPECT_THAT(client(qos == 1 ? PacketType::puback : PacketType::pubrec, qos), IsOk());
    EXPECT_EQ(taken(), "");
    ledger.release(qos);
    EXPECT_EQ(taken(), qos == 1 ? "40020001" : "50020002");
    EXPECT_FALSE(ledger.any_released());
    EXPECT_EQ(ledger.unacknowledged(), 0U);
    EXPECT_EQ(ledger.unacknowledged_bytes(), 0U);
  }
}

// The broker's timer ran out while PUBREC was under way.
TEST_F(AckLedgerTest, AnswersAPublishThatCrossedItsPubrecOnceMoreAndHoldsNothingUp) {
  publish(2, 2);
  EXPECT_THAT(client(PacketType::pubrec, 2), IsOk());
  ledger.release(2);
  EXPECT_EQ(taken(), "50020002");
  EXPECT_EQ(begins(2, 2, true), AckLedger::Arrival::repeated);
  repeated(2, 2);
  repeated(2, 2);
  EXPECT_EQ(taken(), "50020002");
  publish(3, 1);
  EXPECT_THAT(client(PacketType::puback, 3), IsOk());
  ledger.release(3);
  EXPECT_EQ(taken(), "40020003");
  EXPECT_EQ(ledger.pubrel_came(2), AckLedger::Verdict::pass);
  EXPECT_EQ(begins(2, 2, false), AckLedger::Arrival::fresh);
}

TEST_F(AckLedgerTest, RefusesAnotherMessageUnderAnIdentifierInUse) {
  publish(1, 1);
  publish(2, 2);
  EXPECT_THAT(begins(1, 1, false), Fails(Kind::corrupt, HasSubstr("packet identifier 1 is in use")));
  EXPECT_THAT(begins(1, 2, true), Fails(Kind::corrupt, HasSubstr("in use")));
  EXPECT_THAT(begins(2, 1, true), Fails(Kind::corrupt, HasSubstr("in use")));
}

TEST_F(AckLedgerTest, KeepsAPubrelThatComesBeforeItsPubrec) {
  publish(4, 2);
  EXPECT_EQ(ledger.pubrel_came(4), AckLedger::Verdict::keep);
  EXPECT_THAT(client(PacketType::pubrec, 4), IsOk());
  EXPECT_THAT(ledger.take_for_client(), IsEmpty());
  ledger.release(4);
  EXPECT_EQ(taken(), "50020004");
  EXPECT_EQ(to_hex(ledger.take_for_client()), "62020004");
  EXPECT_EQ(client(PacketType::pubcomp, 4), AckLedger::Verdict::pass);
  EXPECT_FALSE(ledger.awaits_client());
}

TEST_F(AckLedgerTest, RemembersTheDupFlag) {
  publish(1, 2, true);
  publish(2, 2, false);
  EXPECT_TRUE(ledger.was_dup(1));
  EXPECT_FALSE(ledger.was_dup(2));
  EXPECT_FALSE(ledger.was_dup(3));
}

TEST_F(AckLedgerTest, RemembersHowLargeASkippedMessageWasAndCountsItsStandIn) {
  const Packet stand_in{.type = PacketType::publish, .flags = 2, .id = 1, .bytes = 8};
  EXPECT_THAT(ledger.publish_came(stand_in, 5000), IsEmpty());
  EXPECT_EQ(ledger.skipped_bytes(1), 5000U);
  EXPECT_EQ(ledger.unacknowledged_bytes(), 8U);
  EXPECT_THAT(client(PacketType::puback, 1), IsOk());
  ledger.release(1);
  EXPECT_EQ(taken(), "40020001");
  EXPECT_EQ(ledger.unacknowledged_bytes(), 0U);
  publish(1);
  EXPECT_EQ(ledger.skipped_bytes(1), 0U);
  EXPECT_EQ(ledger.skipped_bytes(2), 0U);
}

TEST_F(AckLedgerTest, TakesNoNoticeOfAReleaseOfWhatDidNotCome) {
  ledger.release(5);
  publish(5);
  EXPECT_THAT(client(PacketType::puback, 5), IsOk());
  EXPECT_EQ(taken(), "");
}

}  // namespace
}  // namespace edgeseal::transport
