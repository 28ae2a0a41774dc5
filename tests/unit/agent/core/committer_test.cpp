// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/committer.h"

#include "storage/sqlite.h"
#include "tests/unit/agent/core/world.h"

namespace edgeseal::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(Committer, ReleasesAnAcknowledgementOnlyAfterTheCommitThatHoldsIt) {
  World world;
  world.deliver("plant/1", "a");
  const auto second = world.deliver("plant/2", "b");
  EXPECT_EQ(world.advance(19ms), 0U);
  EXPECT_EQ(world.stats().frames, 0U);
  EXPECT_EQ(world.advance(1ms), second);
  EXPECT_EQ(world.stats().frames, 1U) << "one frame for both";
  EXPECT_EQ(world.notes.committed, 2U);
}

// Stock mosquitto sends 20 and waits: two commits by the clock show that, then they come by the window.
TEST(Committer, ReturnsWhatACommitDid) {
  World world;
  const auto idle = world.committer().advance_to(world.clock.now());
  EXPECT_TRUE(idle.releases.empty() && idle.committed.empty() && idle.batches.empty());
  world.deliver("plant/1", "one");
  const auto frame = world.committer().commit(world.clock.now());
  EXPECT_THAT(frame.releases, ElementsAre(Pair("source", 1U)));
  ASSERT_THAT(frame.committed, SizeIs(1));
  EXPECT_EQ(frame.committed[0].records, 1U);
  EXPECT_THAT(frame.batches, IsEmpty()) << "a frame is nothing to forward";
  const auto closed = world.committer().commit(world.clock.now(), true);
  EXPECT_THAT(closed.releases, IsEmpty()) << "released already";
  ASSERT_THAT(closed.batches, SizeIs(1));
  EXPECT_EQ(closed.batches[0].digest, world.waiting()[0].digest);
}

TEST(Committer, CommitsAtOnceWhenTheBrokersWindowIsFilled) {
  World world;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) world.deliver("plant/1", "x");
    EXPECT_EQ(world.advance(10ms), 0U);
    EXPECT_NE(world.advance(10ms), 0U);
  }
  for (int i = 0; i < 19; ++i) world.deliver("plant/1", "x");
  EXPECT_EQ(world.advance(0ms), 0U);
  const auto twentieth = world.deliver("plant/1", "x");
  EXPECT_EQ(world.advance(0ms), twentieth);
}

transport::Message numbered(std::uint16_t packet_id, const std::string& payload, bool dup = false) {
  transport::Message message;
  message.topic = "plant/7/telemetry";
  message.payload = to_plain(as_bytes(payload));
  message.qos = 1;
  message.packet_id = packet_id;
  message.dup = dup;
  return message;
}

// After a lost connection the broker cannot know that its message was acknowledged, so it sends it again.
TEST(Committer, AcknowledgesARedeliveryOfACommittedMessageAgainAndStoresItOnce) {
  World world;
  EXPECT_EQ(world.deliver(numbered(11, "42")), 1U);
  EXPECT_EQ(world.advance(20ms), 1U);
  EXPECT_EQ(world.deliver(numbered(11, "42", true)), 2U);
  EXPECT_EQ(world.advance(20ms), 2U);
  world.close();
  ASSERT_THAT(world.waiting(), SizeIs(1));
  EXPECT_EQ(world.waiting()[0].records, 1U);
}

TEST(Committer, StoresARedeliveryOfAnUncommittedMessageOnce) {
  World world;
  world.deliver(numbered(11, "42"));
  world.deliver(numbered(11, "42", true));
  EXPECT_EQ(world.close(), 2U);
  EXPECT_EQ(world.waiting()[0].records, 1U);
}

TEST(Committer, StoresWhatOnlyLooksLikeARedelivery) {
  struct Row {
    const char* what;
    transport::Message second;
    transport::ArrivalNumber acknowledged;
  };
  const Row rows[] = {
      {"DUP is not set: the identifier is used anew", numbered(11, "42"), 0},
      {"other content: the broker lost its state", numbered(11, "43", true), 0},
      {"other identifier", numbered(12, "42", true), 0},
      {"the first one's acknowledgement has gone: a new message, repeated", numbered(11, "42", true), 1},
  };
  for (const Row& row : rows) {
    World world;
    world.deliver(numbered(11, "42"));
    world.deliver(row.second, row.acknowledged);
    world.close();
    EXPECT_EQ(world.waiting()[0].records, 2U) << row.what;
  }
}

TEST(Committer, RemembersForTheNextProcessWhatTheBrokersSessionMayHold) {
  World world;
  ASSERT_THAT(world.spool().set_subscriptions("source", {"old/#", "plant/#"}), IsOk());
  EXPECT_THAT(world.committer().on_subscriptions("source", {"plant/#"}), IsOk());
  world.start();
  EXPECT_THAT(world.spool().subscriptions("source").value(), ::testing::ElementsAre("plant/#"));
}

TEST(Committer, SleepsWhenThereIsNothingToDo) {
  World world;
  EXPECT_FALSE(world.committer().next_deadline().has_value());
  world.deliver("plant/1", "a");
  EXPECT_EQ(*world.committer().next_deadline(), world.clock.now().monotonic + 20ms);
  world.advance(20ms);
  EXPECT_EQ(*world.committer().next_deadline(), world.clock.now().monotonic + 59980ms) << "then the batch's age";
}

TEST(Committer, ClosesABatchByAgeAndEndsItsJournal) {
  World world;
  world.deliver("plant/1", "the payload");
  world.advance(20ms);
  EXPECT_THAT(world.waiting(), IsEmpty());
  world.advance(59979ms);
  EXPECT_THAT(world.waiting(), IsEmpty());
  world.advance(1ms);
  const auto batches = world.waiting();
  ASSERT_THAT(batches, SizeIs(1));
  EXPECT_EQ(batches[0].records, 1U);
  EXPECT_EQ(world.stats().frames, 0U);
  const auto opened = World::open(world.object(batches[0]));
  EXPECT_THAT(opened.content, HasSubstr("the payload"));
  EXPECT_EQ(opened.context.at("kind"), "batch");
  EXPECT_EQ(opened.context.at("gateway"), "truck-017");
}

TEST(Committer, ClosesABatchThatIsFullAndTakesNoMoreBefore) {
  auto route = route_named("telemetry", {"plant/#"});
  route.batch.records_max = 3;
  World world({route});
  for (int i = 0; i < 3; ++i) world.deliver("plant/1", "x");
  EXPECT_TRUE(world.committer().full());
  EXPECT_EQ(world.advance(0ms), 3U);
  EXPECT_FALSE(world.committer().full());
  ASSERT_THAT(world.waiting(), SizeIs(1));
  EXPECT_EQ(world.stats().frames, 0U) << "sealed once, never journalled";
}

TEST(Committer, ClosesABatchByBytes) {
  auto route = route_named("telemetry", {"plant/#"});
  route.batch.bytes_max = 1000;
  World world({route});
  world.deliver("plant/1", std::string(900, 'x'));
  EXPECT_FALSE(world.committer().full());
  world.deliver("plant/1", std::string(100, 'x'));
  EXPECT_TRUE(world.committer().full());
}

TEST(Committer, ChainsTheBatchesOfARouteByDigest) {
  World world;
  for (int i = 0; i < 3; ++i) {
    world.deliver("plant/1", std::to_string(i));
    world.close();
  }
  const auto batches = world.waiting();
  ASSERT_THAT(batches, SizeIs(3));
  Digest previous;
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(batches[i].sequence.number, i + 1);
    const Bytes object = world.object(batches[i]);
    EXPECT_EQ(World::open(object).context.at("previous"), previous.hex());
    previous = crypto::sha256(object).value();
    EXPECT_EQ(batches[i].digest, previous);
  }
}

TEST(Committer, KeepsAChainForEachRoute) {
  World world({route_named("a", {"a/#"}), route_named("b", {"b/#"})});
  world.deliver("a/1", "1");
  world.deliver("b/1", "2");
  world.close();
  world.deliver("b/1", "3");
  world.close();
  const auto batches = world.waiting();
  ASSERT_THAT(batches, SizeIs(3));
  EXPECT_EQ(batches[0].route.text + batches[1].route.text + batches[2].route.text, "abb");
  EXPECT_EQ(batches[2].sequence.number, 2U);
}

TEST(Committer, ReleasesAndCountsWhatNoRouteWants) {
  World world;
  const auto number = world.deliver("other/1", "a");
  EXPECT_EQ(world.advance(20ms), number);
  EXPECT_THAT(world.notes.unrouted, ElementsAre("other/1"));
  EXPECT_EQ(world.stats().frames, 0U);
}

TEST(Committer, PromotesWhatAKilledProcessLeftBeforeAnythingNew) {
  World world;
  world.deliver("plant/1", "before");
  world.advance(20ms);
  world.deliver("plant/1", "also before");
  world.advance(20ms);
  world.start();
  world.deliver("plant/1", "after");
  world.close();
  const auto batches = world.waiting();
  ASSERT_THAT(batches, SizeIs(2));
  EXPECT_EQ(batches[0].kind, storage::BatchKind::journal);
  EXPECT_EQ(batches[0].records, 2U);
  EXPECT_EQ(batches[1].kind, storage::BatchKind::batch);
  EXPECT_EQ(World::open(world.object(batches[1])).context.at("previous"), batches[0].digest.hex());
  EXPECT_EQ(world.stats().frames, 0U);
}

/// Overwrites the middle of the nth frame (from 0) where the disk holds it.
void damage_frame(World& world, std::size_t nth) {
  world.stop();
  auto db = storage::Connection::open(world.spool_path(), storage::Connection::Access::write, {}).value();
  const std::string sql =
      "UPDATE frames SET frame = CAST(substr(frame, 1, 40) || X'00' || substr(frame, 42) AS BLOB) WHERE frame_row = "
      "(SELECT frame_row FROM frames ORDER BY frame_row LIMIT 1 OFFSET " +
      std::to_string(nth) + ")";
  ASSERT_THAT(db->run_script(sql), IsOk());
}

TEST(Committer, LeavesADamagedFrameOutOfAPromotedJournalAndTellsOfIt) {
  World world;
  for (const char* payload : {"one", "two", "three"}) {
    world.deliver("plant/1", payload);
    world.advance(20ms);
  }
  damage_frame(world, 1);
  world.start();
  ASSERT_THAT(world.waiting(), SizeIs(1));
  EXPECT_EQ(world.waiting()[0].records, 2U);
  world.deliver("plant/1", "after");
  world.close();
  EXPECT_THAT(World::open(world.object(world.waiting()[1])).content, HasSubstr("damaged"));
}

// Its key is not that journal's, so that the whole object would be refused.
TEST(Committer, LeavesTheFrameOfAForeignJournalOutOfAPromotionAndTellsOfIt) {
  World world({route_named("telemetry", {"plant/#"}), route_named("alarms", {"alarm/#"})});
  for (const char* payload : {"one", "two"}) {
    world.deliver("plant/1", payload);
    world.deliver("alarm/1", payload);
    world.advance(20ms);
  }
  world.stop();
  {
    auto db = storage::Connection::open(world.spool_path(), storage::Connection::Access::write, {}).value();
    ASSERT_THAT(
        db->run_script("UPDATE frames SET journal_row = (SELECT journal_row FROM journals WHERE route = 'alarms') "
                       "WHERE frame_row = (SELECT MAX(frame_row) FROM frames WHERE journal_row = "
                       "(SELECT journal_row FROM journals WHERE route = 'telemetry'))"),
        IsOk());
  }
  world.start();
  ASSERT_THAT(world.waiting(), SizeIs(2));
  for (const storage::QueuedBatch& batch : world.waiting()) {
    EXPECT_EQ(batch.records, batch.route.text == "alarms" ? 2U : 1U);
  }
  world.deliver("alarm/1", "after");
  world.close();
  EXPECT_THAT(World::open(world.object(world.waiting().back())).content, HasSubstr("damaged"));
}

TEST(Committer, PassesOverAJournalWithoutASoundFrame) {
  World world;
  world.deliver("plant/1", "one");
  world.advance(20ms);
  damage_frame(world, 0);
  world.start();
  EXPECT_THAT(world.waiting(), IsEmpty());
  EXPECT_EQ(world.stats().frames, 0U);
  world.deliver("plant/1", "after");
  world.close();
  ASSERT_THAT(world.waiting(), SizeIs(1));
  EXPECT_EQ(world.waiting()[0].sequence.number, 2U) << "the chain goes on after the lost batch";
  EXPECT_THAT(World::open(world.object(world.waiting()[0])).content, HasSubstr("damaged"));
}

TEST(Committer, HoldsAcknowledgementsWhileTheSpoolIsFullAndGoesOnAsItWas) {
  storage::SpoolOptions small;
  small.bytes_max = 6000;
  small.when_full = storage::WhenFull::block;
  World world({route_named("telemetry", {"plant/#"})}, small);
  world.deliver("plant/1", std::string(4000, 'a'));
  EXPECT_EQ(world.close(), 1U);
  world.deliver("plant/1", std::string(4000, 'b'));
  EXPECT_EQ(world.close(), 0U);
  EXPECT_TRUE(world.committer().full());
  EXPECT_THAT(world.notes.held, SizeIs(1));
  EXPECT_EQ(world.advance(999ms), 0U) << "not before the next try";
  ASSERT_THAT(world.spool().confirm({"out"}, world.waiting()[0].row), IsOk());
  EXPECT_EQ(world.advance(1ms), 2U);
  const auto batches = world.waiting();
  ASSERT_THAT(batches, SizeIs(1));
  EXPECT_EQ(batches[0].sequence.number, 2U);
}

// Two that do not fit together: the more important one goes first, whichever route stands first.
TEST(Committer, OfWhatDoesNotFitTheMoreImportantGoesFirst) {
  storage::SpoolOptions small;
  small.bytes_max = 6000;
  small.when_full = storage::WhenFull::block;
  auto low = route_named("low", {"low/#"});
  auto high = route_named("high", {"high/#"});
  low.priority = 1;
  high.priority = 9;
  World world({low, high}, small);
  world.deliver("low/1", std::string(4000, 'a'));
  world.deliver("high/1", std::string(4000, 'b'));
  const auto newest = world.deliver("low/1", "more");
  EXPECT_EQ(world.advance(20ms), 0U) << "the first of those that wait is not durable";
  const auto batches = world.waiting();
  ASSERT_THAT(batches, SizeIs(1));
  EXPECT_EQ(batches[0].route.text, "high");
  ASSERT_THAT(world.spool().confirm({"out"}, batches[0].row), IsOk());
  EXPECT_EQ(world.advance(1s), newest);
}

class FullOfJournalsTest : public ::testing::TestWithParam<storage::WhenFull> {};
INSTANTIATE_TEST_SUITE_P(WhenFull, FullOfJournalsTest,
                         ::testing::Values(storage::WhenFull::block, storage::WhenFull::drop_oldest));

// No sink could take them away, and there is no batch to drop.
TEST_P(FullOfJournalsTest, OpenBatchesThatFillTheSpoolAreClosed) {
  storage::SpoolOptions small;
  small.bytes_max = 10000;
  small.when_full = GetParam();
  World world({route_named("telemetry", {"plant/#"}), route_named("alarms", {"alarm/#"})}, small);
  transport::ArrivalNumber sent = 0;
  while (world.waiting().empty() && sent < 100) {
    sent = world.deliver(sent % 2 == 0 ? "plant/1" : "alarm/1", std::string(50, 'x'));
    ASSERT_EQ(world.advance(20ms), sent);
  }
  EXPECT_GT(sent, 10U) << "not before they fill it";
  ASSERT_THAT(world.waiting(), SizeIs(2));
  EXPECT_EQ(world.waiting()[0].records + world.waiting()[1].records, sent);
  EXPECT_THAT(world.notes.held, IsEmpty());
  EXPECT_THAT(world.notes.lost, IsEmpty());
  EXPECT_EQ(world.stats().frames, 0U);
  EXPECT_EQ(world.notes.committed, sent);
}

/// Bytes that nothing compresses, and that no two calls share.
std::string random_bytes(std::size_t count) {
  static SeededRandom random(99);
  std::string bytes(count, 0);
  EXPECT_THAT(random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), count}), IsOk());
  return bytes;
}

class WiderThanTheSpoolTest : public ::testing::TestWithParam<storage::WhenFull> {
 protected:
  /// `routes` of them, each with one sink; the spool holds `bytes_max`.
  static std::unique_ptr<World> world_of(std::size_t routes, std::uint64_t bytes_max) {
    std::vector<config::RouteOptions> options;
    for (std::size_t i = 0; i < routes; ++i) {
      options.push_back(route_named("r" + std::to_string(i), {"r" + std::to_string(i) + "/#"}));
      options.back().priority = static_cast<int>(i % 10);
    }
    storage::SpoolOptions small;
    small.bytes_max = bytes_max;
    small.when_full = GetParam();
    return std::make_unique<World>(std::move(options), small);
  }
};
INSTANTIATE_TEST_SUITE_P(WhenFull, WiderThanTheSpoolTest,
                         ::testing::Values(storage::WhenFull::block, storage::WhenFull::drop_oldest,
                                           storage::WhenFull::drop_newest));

// With an empty spool and sinks that take what comes, everything is acknowledged in the end, in order.
TEST_P(WiderThanTheSpoolTest, ACommitOfAllRoutesEndsWithEveryMessageStoredOrRecorded) {
  for (const std::size_t routes : {8U, 30U}) {
    const auto made = world_of(routes, 1 << 20);
    World& world = *made;
    transport::ArrivalNumber sent = 0;
    for (std::size_t i = 0; i < routes; ++i)
      sent = world.deliver("r" + std::to_string(i) + "/x", random_bytes(200'000));
    transport::ArrivalNumber released = world.advance(20ms);
    for (std::size_t tries = 0; released < sent && tries < 2 * routes; ++tries) {
      EXPECT_TRUE(GetParam() == storage::WhenFull::block) << "only that holds";
      const auto waiting = world.waiting();
      ASSERT_THAT(waiting, Not(IsEmpty())) << "nothing is held with an empty spool";
      ASSERT_THAT(world.spool().confirm({"out"}, waiting[0].row), IsOk());
      const auto next = world.advance(1s);
      if (next > 0) {
        EXPECT_GT(next, released) << "in order";
        released = next;
      }
    }
    EXPECT_EQ(released, sent);
    if (GetParam() == storage::WhenFull::block) {
      EXPECT_THAT(world.notes.lost, IsEmpty());
    }
    world.close();
    EXPECT_FALSE(world.committer().full());
  }
}

TEST_P(WiderThanTheSpoolTest, WhatComesBesideItsRecordsIsKeptToo) {
  const auto world = world_of(8, 1 << 20);
  world->committer().on_connected("source", false, world->clock.now());
  for (std::size_t i = 0; i < 8; ++i) world->deliver("r" + std::to_string(i) + "/x", random_bytes(200'000));
  for (int tries = 0; tries < 10; ++tries) {
    world->advance(1s);
    const auto waiting = world->waiting();
    if (waiting.empty()) continue;
    ASSERT_THAT(world->spool().confirm({"out"}, waiting[0].row), IsOk());
  }
  EXPECT_TRUE(world->spool().source_mark("source").value().session);
}

TEST_P(WiderThanTheSpoolTest, ARecordThatTheSpoolCouldNeverHoldIsADropAndItsNeighboursAreKept) {
  const auto made = world_of(2, 300'000);
  World& world = *made;
  world.deliver("r0/x", "before");
  world.deliver("r0/x", random_bytes(400'000));
  world.deliver("r0/x", "after");
  const auto sent = world.deliver("r1/x", "beside");
  EXPECT_EQ(world.advance(20ms), sent);
  EXPECT_THAT(world.notes.held, IsEmpty());
  EXPECT_EQ(world.close(), 0U) << "all of it was released";
  EXPECT_THAT(world.notes.lost, Not(IsEmpty()));
  if (GetParam() == storage::WhenFull::drop_newest) return;  // that judges a batch whole
  EXPECT_THAT(world.notes.lost, ElementsAre("r0 spool_full 1"));
  std::uint64_t kept = 0;
  for (const auto& batch : world.waiting()) kept += batch.records;
  EXPECT_EQ(kept, 3U);
}

// What is durable already is not lost with a newcomer that does not fit.
TEST_P(WiderThanTheSpoolTest, AnOpenJournalOutlivesARecordThatCouldNeverFit) {
  const auto made = world_of(1, 300'000);
  World& world = *made;
  world.deliver("r0/x", "durable");
  EXPECT_EQ(world.advance(20ms), 1U);
  EXPECT_EQ((world.deliver("r0/x", random_bytes(400'000)), world.advance(20ms)), 2U);
  world.start();
  ASSERT_THAT(world.waiting(), SizeIs(1));
  EXPECT_EQ(world.waiting()[0].records, 1U);
}

TEST(Committer, TellsTheNextTryFromWhenItWasRefused) {
  storage::SpoolOptions small;
  small.bytes_max = 6000;
  small.when_full = storage::WhenFull::block;
  World world({route_named("telemetry", {"plant/#"})}, small);
  world.deliver("plant/1", std::string(4000, 'a'));
  EXPECT_EQ(world.close(), 1U);
  world.deliver("plant/1", std::string(4000, 'b'));
  const Now before = world.clock.now();
  world.clock.advance(2s);  // as long as the spool was locked
  ASSERT_THAT(world.committer().commit(before, true).outcome, IsOk());
  EXPECT_EQ(*world.committer().next_deadline(), world.clock.now().monotonic + 1s);
}

TEST(Committer, TellsTheOwnerOfADropInTheNextBatchOfItsRoute) {
  storage::SpoolOptions small;
  small.bytes_max = 10000;
  World world({route_named("telemetry", {"plant/#"})}, small);
  for (int i = 0; i < 4; ++i) {
    world.deliver("plant/1", std::string(4000, 'x'));
    ASSERT_NE(world.close(), 0U);
  }
  const auto batches = world.waiting();
  ASSERT_THAT(batches, Not(IsEmpty()));
  EXPECT_THAT(World::open(world.object(batches.back())).content, HasSubstr("spool_full"));
  EXPECT_THAT(world.notes.lost, Contains("telemetry spool_full 1")) << "and the gateway's operator";
}

}  // namespace
}  // namespace edgeseal::test
