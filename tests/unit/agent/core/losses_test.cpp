// SPDX-License-Identifier: GPL-3.0-or-later
// What is lost before it reaches a batch is told to the owner of each route concerned.
#include "agent/core/losses.h"

#include "agent/owner/object_reader.h"
#include "tests/unit/agent/core/world.h"

namespace edgeseal::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LossesTest : public ::testing::Test {
 protected:
  /// "records reason" of each drop of the route that waits for its next batch.
  std::vector<std::string> drops(const std::string& route) {
    std::vector<std::string> texts;
    const auto unreported = world.spool().unreported_drops({route}).value();
    for (const auto& drop : unreported) {
      EXPECT_EQ(drop.sequence.number, 0U);
      texts.push_back(std::to_string(drop.records) + " " + std::string(text_of(drop.reason)));
    }
    return texts;
  }
  agent::Committer& committer() { return world.committer(); }
  Now now() { return world.clock.now(); }

  World world{{route_named("telemetry", {"plant/#"}), route_named("alarms", {"alarm/#"})}};
};

TEST_F(LossesTest, CountsQos0ByRouteAndCommitsItAfterTheIntervalByItself) {
  committer().on_qos0_dropped(0, transport::Qos0Loss::too_many, 3, now());
  committer().on_qos0_dropped(0, transport::Qos0Loss::too_many, 4, now());
  EXPECT_EQ(world.advance(19ms), 0U);
  EXPECT_THAT(drops("telemetry"), IsEmpty());
  EXPECT_EQ(world.advance(1ms), 0U) << "there is nothing to release";
  EXPECT_THAT(drops("telemetry"), ElementsAre("7 qos0_full"));
  EXPECT_THAT(drops("alarms"), IsEmpty());
  EXPECT_THAT(world.notes.lost, ElementsAre("telemetry qos0_full 3", "telemetry qos0_full 4"));
}

TEST_F(LossesTest, CountsWhatOfQos0WasTooLargeAsSuchFromTheFirst) {
  const WallTime first = now().wall;
  committer().on_qos0_dropped(0, transport::Qos0Loss::too_large, 3, now());
  world.clock.advance(5ms);
  committer().on_qos0_dropped(0, transport::Qos0Loss::too_large, 1, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), ElementsAre("4 too_large"));
  EXPECT_EQ(world.spool().unreported_drops({"telemetry"}).value().at(0).dropped, first);
}

TEST_F(LossesTest, CountNoFurtherThanTheDatabaseDoes) {
  committer().on_qos0_dropped(0, transport::Qos0Loss::too_many, storage::kCountMax - 1, now());
  committer().on_qos0_dropped(0, transport::Qos0Loss::too_many, 5, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), ElementsAre(std::to_string(storage::kCountMax) + " qos0_full"));
}

/// What a batch reports of drops to its owner.
struct ReportedDrops final : agent::ObjectConsumer {
  Result<void> on_link(const agent::ChainLink& /*link*/) override { return {}; }
  Result<void> on_header(const agent::BatchHeader& header, ByteView /*item*/) override {
    drops = header.drops;
    return {};
  }
  Result<void> on_record(const agent::BatchHeader& /*header*/, std::uint64_t /*index*/, const agent::Record& /*record*/,
                         ByteView /*payload*/, ByteView /*item*/) override {
    return {};
  }
  Result<void> on_plaintext(ByteView /*plaintext*/) override { return {}; }
  std::vector<agent::ReportedDrop> drops;
};

TEST_F(LossesTest, OfManyBatchesAreToldWithTheirPlaces) {
  storage::SpoolChange change;
  for (std::uint64_t i = 1; i <= 2 * storage::kDropRowsMax; ++i) {
    change.drops.push_back({.route = {"telemetry"},
                            .sequence = {i},
                            .records = 2,
                            .reason = storage::DropReason::spool_full,
                            .dropped = now().wall});
  }
  ASSERT_THAT(world.spool().commit(change), IsOk());
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  for (int i = 0; i < 3; ++i) {  // a batch reports a bounded number
    world.deliver("plant/1", "x");
    world.close();
  }
  std::vector<crypto::PrivateKey> keys;
  keys.push_back(crypto::PrivateKey::parse(as_bytes(test_key("rsa-2048.private.pem"))).value());
  crypto::PrivateKeys owner(std::move(keys));
  for (const storage::QueuedBatch& batch : world.waiting()) {
    ReportedDrops reported;
    const auto reader = agent::ObjectReader::create(agent::ReadAs::batch, owner, reported);
    ASSERT_THAT(reader->feed(world.object(batch)), IsOk());
    ASSERT_THAT(reader->finish(), IsOk());
    for (const agent::ReportedDrop& drop : reported.drops) {
      batches += drop.merged ? drop.merged->batches : 1;
      records += drop.records;
    }
  }
  EXPECT_EQ(batches, 2 * storage::kDropRowsMax);
  EXPECT_EQ(records, 4 * storage::kDropRowsMax);
}

TEST_F(LossesTest, AreToldWithTheNextBatchOfTheirRoute) {
  committer().on_qos0_dropped(0, transport::Qos0Loss::too_many, 3, now());
  world.advance(20ms);
  world.deliver("plant/1", "x");
  world.close();
  EXPECT_THAT(drops("telemetry"), IsEmpty());
  const auto opened = World::open(world.object(world.waiting()[0]));
  EXPECT_THAT(opened.content, ::testing::HasSubstr("qos0_full"));
}

TEST_F(LossesTest, AMessageThatIsTooLargeIsReleasedOnceItsDropIsDurable) {
  committer().on_too_large("source", 1, "alarm/fire", now());
  EXPECT_THAT(drops("alarms"), IsEmpty());
  EXPECT_EQ(world.advance(20ms), 1U);
  EXPECT_THAT(drops("alarms"), ElementsAre("1 too_large"));
}

TEST_F(LossesTest, ATooLargeMessageThatNoRouteWantsIsReleased) {
  committer().on_too_large("source", 1, "nobody/wants", now());
  EXPECT_EQ(world.advance(20ms), 1U);
  EXPECT_THAT(world.notes.unrouted, ElementsAre("nobody/wants"));
}

TEST_F(LossesTest, TheFirstCountOfABrokerIsNoLossAndARiseIsOneOfEveryRoute) {
  committer().on_connected("source", false, now());
  committer().on_broker_dropped("source", 100, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), IsEmpty());
  committer().on_broker_dropped("source", 107, now());
  committer().on_broker_dropped("source", 108, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), ElementsAre("8 broker_dropped"));
  EXPECT_THAT(drops("alarms"), ElementsAre("8 broker_dropped"));
}

TEST_F(LossesTest, ARiseWhileNobodyRanIsFoundAndRecordedOnce) {
  committer().on_connected("source", false, now());
  committer().on_broker_dropped("source", 5, now());
  world.advance(20ms);
  world.start();
  committer().on_connected("source", true, now());
  committer().on_broker_dropped("source", 12, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), ElementsAre("7 broker_dropped"));
  world.start();
  committer().on_connected("source", true, now());
  committer().on_broker_dropped("source", 12, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), ElementsAre("7 broker_dropped"));
}

TEST_F(LossesTest, AStartThatEndedBeforeTheFirstCountLeavesItTheFirst) {
  committer().on_connected("source", false, now());
  world.advance(20ms);
  world.start();
  committer().on_connected("source", true, now());
  committer().on_broker_dropped("source", 1000, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), IsEmpty());
  committer().on_broker_dropped("source", 1001, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), ElementsAre("1 broker_dropped"));
}

TEST_F(LossesTest, ALossOfTheSpoolIsToldOnceUntilABatchHasToldOfIt) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(committer().on_spool_loss(storage::DropReason::wal_lost, now()), IsOk());
    world.advance(20ms);
  }
  EXPECT_THAT(drops("telemetry"), ElementsAre("0 wal_lost"));
  EXPECT_THAT(drops("alarms"), ElementsAre("0 wal_lost"));
}

TEST_F(LossesTest, ACountThatBeganAnewIsAllNews) {
  committer().on_connected("source", false, now());
  committer().on_broker_dropped("source", 50, now());
  committer().on_broker_dropped("source", 2, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), ElementsAre("2 broker_dropped"));
}

TEST_F(LossesTest, ASessionThatShouldHaveBeenKeptIsALossOfUnknownSize) {
  committer().on_connected("source", false, now());
  committer().on_connected("source", true, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), IsEmpty());
  world.start();
  committer().on_connected("source", false, now());
  world.advance(20ms);
  EXPECT_THAT(drops("telemetry"), ElementsAre("0 session_lost"));
  EXPECT_THAT(drops("alarms"), ElementsAre("0 session_lost"));
}

// A sensor repeats its value, and a broker that begins anew its identifiers: DUP says nothing of what was here before.
TEST_F(LossesTest, ABrokerThatLostItsSessionCostsNoMessageThatLooksLikeOneBefore) {
  const auto same = [](bool dup) {
    transport::Message message;
    message.topic = "plant/1";
    message.payload = to_plain(as_bytes("0"));
    message.qos = 1;
    message.packet_id = 1;
    message.dup = dup;
    return message;
  };
  committer().on_connected("source", false, now());
  world.deliver(same(false));
  world.advance(20ms);
  committer().on_connected("source", false, now());
  world.deliver(same(true));
  world.advance(20ms);
  EXPECT_EQ(world.notes.committed, 2U);
}

}  // namespace
}  // namespace edgeseal::test
