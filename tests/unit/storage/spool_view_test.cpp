// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool_view.h"

#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

using SpoolViewTest = SpoolTest;

TEST_F(SpoolViewTest, ListsHighestPriorityFirstThenOldest) {
  open();
  const auto add = [&](const std::string& route, int priority) {
    SealedBatch made = batch(route, "x");
    made.priority = priority;
    must_commit(made);
  };
  add("telemetry", 5);
  add("alarms", 9);
  add("bulk", 0);
  add("alarms", 9);
  add("telemetry", 5);
  EXPECT_THAT(names("lake"), ElementsAre("alarms/1", "alarms/2", "telemetry/1", "telemetry/2", "bulk/1"));
  EXPECT_THAT(names("lake", 2), ElementsAre("alarms/1", "alarms/2"));
  EXPECT_THAT(names("lake", 0), IsEmpty());
  EXPECT_THAT(names("elsewhere"), IsEmpty());
}

TEST_F(SpoolViewTest, PassesOverWhatIsUnderWay) {
  open();
  for (int i = 0; i < 4; ++i) must_commit(batch("telemetry", "x"));
  const auto all = pending("lake");
  EXPECT_THAT(names("lake", 2, {all[0].row, all[2].row}), ElementsAre("telemetry/2", "telemetry/4"));
  EXPECT_THAT(names("lake", 2, {all[0].row, all[1].row, all[2].row, all[3].row}), IsEmpty());
}

TEST_F(SpoolViewTest, SeesEachCommitOfAWriterBesideIt) {
  open();
  const auto beside = view();
  EXPECT_EQ(beside->id(), spool->id());
  for (std::uint64_t number = 1; number <= 3; ++number) {
    must_commit(batch("telemetry", "x"));
    EXPECT_EQ(beside->pending_for({"lake"}, 10)->size(), number);
    EXPECT_EQ(beside->stats()->batches, number);
  }
}

TEST_F(SpoolViewTest, WorksWithoutAWriter) {
  open();
  must_commit(batch("telemetry", "object"));
  spool.reset();
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1"));
}

TEST_F(SpoolViewTest, CountsWhatIsHeld) {
  open();
  SealedBatch both = batch("telemetry", std::string(40, 'x'));
  both.sinks = {{"lake"}, {"stick"}};
  must_commit(both);
  must_commit(batch("alarms", std::string(2, 'x')));
  const SealedBatch open_batch = batch("telemetry", "");
  ASSERT_THAT(spool->commit({.journals = {journal(open_batch)},
                             .frames = {frame(open_batch, "12345"), frame(open_batch, "678")},
                             .batches = {},
                             .drops = {}}),
              IsOk());
  const std::int64_t first = pending("stick").at(0).row;
  ASSERT_THAT(spool->quarantine({"stick"}, first, "403"), IsOk());

  const SpoolStats held = stats();
  EXPECT_EQ(held.bytes, 50U);
  EXPECT_EQ(held.batches, 2U);
  EXPECT_EQ(held.frames, 2U);
  EXPECT_EQ(held.oldest, at(1));
  EXPECT_EQ(held.newest, at(1));
  ASSERT_EQ(held.routes.size(), 2U);
  EXPECT_EQ(held.routes[0].route.text, "alarms");
  EXPECT_EQ(held.routes[0].batches, 1U);
  EXPECT_EQ(held.routes[1].bytes, 40U);
  ASSERT_EQ(held.sinks.size(), 2U);
  EXPECT_EQ(held.sinks[0].sink.text, "lake");
  EXPECT_EQ(held.sinks[0].pending, 2U);
  EXPECT_EQ(held.sinks[1].pending, 0U);
  EXPECT_EQ(held.sinks[1].quarantined, 1U);
}

TEST_F(SpoolViewTest, AnEmptySpoolHasNoOldest) {
  open();
  EXPECT_EQ(stats().oldest, WallTime{});
  EXPECT_EQ(stats().newest, WallTime{});
  must_commit(batch("telemetry", "x"));
  ASSERT_THAT(spool->confirm({"lake"}, pending("lake").at(0).row), IsOk());
  EXPECT_EQ(stats().oldest, WallTime{});
  EXPECT_EQ(stats().newest, at(1)) << "a time once seen is not forgotten with its batch";
}

TEST_F(SpoolViewTest, SaysThatThereIsNoSpool) {
  EXPECT_THAT(SpoolView::open(options.path), Fails(Kind::invalid, HasSubstr("spool.db")));
  folder.write("spool.db", "");
  EXPECT_THAT(SpoolView::open(options.path), Fails(Kind::invalid, HasSubstr("no spool yet")));
}

}  // namespace
}  // namespace edgeseal::storage
