// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/expiry.h"

#include "tests/unit/agent/core/world.h"

namespace edgeseal::test {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ExpiryTest : public ::testing::Test {
 protected:
  ExpiryTest() : world({with_ttl(1h)}) {
    world.deliver("plant/1", "x");
    world.close();
  }
  static config::RouteOptions with_ttl(std::chrono::milliseconds ttl) {
    auto route = route_named("telemetry", {"plant/#"});
    route.ttl = ttl;
    return route;
  }
  World world;
};

TEST_F(ExpiryTest, ABatchThatNobodyTookGoesAtItsAgeAndIsRecorded) {
  world.advance(59min);
  EXPECT_THAT(world.waiting(), SizeIs(1));
  world.advance(2min);
  EXPECT_THAT(world.waiting(), IsEmpty());
  EXPECT_EQ(world.notes.expired, 1U);
  const auto drops = world.spool().unreported_drops({"telemetry"}).value();
  ASSERT_THAT(drops, SizeIs(1));
  EXPECT_EQ(drops[0].sequence.number, 1U);
  EXPECT_EQ(drops[0].records, 1U);
  EXPECT_EQ(drops[0].reason, storage::DropReason::expired);
  EXPECT_EQ(drops[0].dropped, world.clock.now().wall);
}

// A gateway that was off for a year has many: those beyond one turn do not wait for the next interval.
TEST_F(ExpiryTest, OfMoreThanOneTurnTheNextFollowsAtOnce) {
  for (std::uint64_t waiting = 1; waiting <= storage::Spool::kExpiredMax; ++waiting) {
    storage::SpoolChange change;
    change.batches.resize(1);
    storage::SealedBatch& batch = change.batches[0];
    batch.route = {"telemetry"};
    batch.sequence = world.spool().tip({"telemetry"})->sequence.next();
    batch.id.bytes[0] = static_cast<std::uint8_t>(batch.sequence.number);
    batch.id.bytes[1] = static_cast<std::uint8_t>(batch.sequence.number >> 8);
    batch.object = {1};
    batch.records = 1;
    batch.sealed = world.clock.now().wall;
    batch.sinks = {{"out"}};
    ASSERT_THAT(world.spool().commit(change), IsOk());
  }
  world.advance(2h);
  EXPECT_EQ(world.notes.expired, storage::Spool::kExpiredMax);
  EXPECT_EQ(world.committer().next_deadline(), world.clock.now().monotonic);
  world.advance(Duration::zero());
  EXPECT_EQ(world.notes.expired, storage::Spool::kExpiredMax + 1);
  EXPECT_THAT(world.waiting(), IsEmpty());
}

TEST_F(ExpiryTest, HasADeadlineOnlyWithATtl) {
  EXPECT_TRUE(world.committer().next_deadline().has_value());
  World without;
  EXPECT_FALSE(without.committer().next_deadline().has_value());
}

TEST_F(ExpiryTest, AClockThatJumpsByItselfExpiresNothingUntilItIsSynced) {
  world.clock.set_synced(false);
  world.advance(1min);
  world.clock.set_wall(world.clock.now().wall + std::chrono::hours(24 * 365 * 12));
  world.advance(1min);
  world.advance(10min);
  EXPECT_THAT(world.waiting(), SizeIs(1));
  world.clock.set_synced(true);
  world.advance(1min);
  EXPECT_THAT(world.waiting(), IsEmpty());
}

TEST_F(ExpiryTest, AClockThatIsFarAheadAtTheStartExpiresNothingUntilItIsSynced) {
  world.clock.set_synced(false);
  world.clock.set_wall(world.clock.now().wall + std::chrono::hours(24 * 365 * 12));
  world.start();
  world.advance(1min);
  EXPECT_THAT(world.waiting(), SizeIs(1));
  world.clock.set_synced(true);
  world.advance(1min);
  EXPECT_THAT(world.waiting(), IsEmpty());
}

TEST_F(ExpiryTest, AStampOfAClockThatHadNotBeenSetTellsNothing) {
  world.clock.set_wall({});
  world.deliver("plant/1", "sealed in 1970");
  world.close();
  world.clock.set_wall({std::chrono::seconds(1'800'000'000)});
  world.advance(1min);
  ASSERT_THAT(world.waiting(), SizeIs(1));
  EXPECT_EQ(world.waiting()[0].sequence.number, 2U);
}

}  // namespace
}  // namespace edgeseal::test
