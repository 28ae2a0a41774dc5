// SPDX-License-Identifier: GPL-3.0-or-later
// The arithmetic of the bounds, then what a spool does with it.
#include "storage/bounds.h"

#include <algorithm>
#include <random>

#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

SpoolOptions of(WhenFull when_full, std::uint64_t bytes_max, std::uint64_t free_bytes_min) {
  SpoolOptions options;
  options.when_full = when_full;
  options.bytes_max = bytes_max;
  options.free_bytes_min = free_bytes_min;
  return options;
}

constexpr Decision kFits{};
constexpr Decision kRefuse{.verdict = Verdict::refuse};
constexpr Decision drop_bytes(std::uint64_t bytes) { return {.verdict = Verdict::drop, .bytes_to_drop = bytes}; }
constexpr std::uint64_t kMiB = 1 << 20;

struct Case {
  const char* name;
  Room room;
  Decision drop_oldest, other;
};
class BoundsTest : public ::testing::TestWithParam<Case> {};

TEST_P(BoundsTest, Decides) {
  const Case& c = GetParam();
  EXPECT_EQ(decide(of(WhenFull::drop_oldest, 1000, 10 * kMiB), c.room), c.drop_oldest);
  EXPECT_EQ(decide(of(WhenFull::drop_newest, 1000, 10 * kMiB), c.room), c.other);
  EXPECT_EQ(decide(of(WhenFull::block, 1000, 10 * kMiB), c.room), c.other);
}

// 16 bytes take 16 + 1 + 64 KiB of disk at most.
constexpr std::uint64_t kDisk = 10 * kMiB + (64 << 10);
INSTANTIATE_TEST_SUITE_P(
    AtBytesMax1000AndFree10MiB, BoundsTest,
    ::testing::Values(
        Case{"room", {.held = 900, .droppable = 900, .added = 50, .ended = 0, .disk_free = {}}, kFits, kFits},
        Case{"exactly", {.held = 900, .droppable = 900, .added = 100, .ended = 0, .disk_free = {}}, kFits, kFits},
        Case{"one_more",
             {.held = 900, .droppable = 900, .added = 101, .ended = 0, .disk_free = {}},
             drop_bytes(1),
             kRefuse},
        Case{"all_of_it",
             {.held = 900, .droppable = 900, .added = 1000, .ended = 0, .disk_free = {}},
             drop_bytes(900),
             kRefuse},
        Case{
            "too_large", {.held = 900, .droppable = 900, .added = 1001, .ended = 0, .disk_free = {}}, kRefuse, kRefuse},
        Case{
            "only_frames", {.held = 900, .droppable = 50, .added = 151, .ended = 0, .disk_free = {}}, kRefuse, kRefuse},
        Case{"ends_a_journal",
             {.held = 1000, .droppable = 0, .added = 300, .ended = 300, .disk_free = {}},
             kFits,
             kFits},
        Case{"ends_less_than_it_adds",
             {.held = 1000, .droppable = 500, .added = 300, .ended = 290, .disk_free = {}},
             drop_bytes(10),
             kRefuse},
        Case{"was_over_already",
             {.held = 5000, .droppable = 5000, .added = 200, .ended = 200, .disk_free = 0},
             kFits,
             kFits},
        Case{"disk_suffices",
             {.held = 0, .droppable = 0, .added = 16, .ended = 0, .disk_free = kDisk + 17},
             kFits,
             kFits},
        Case{"disk_is_short",
             {.held = 500, .droppable = 500, .added = 16, .ended = 0, .disk_free = kDisk + 7},
             drop_bytes(10),
             kRefuse},
        Case{"disk_is_full",
             {.held = 500, .droppable = 500, .added = 16, .ended = 0, .disk_free = 0},
             kRefuse,
             kRefuse}),
    [](const auto& tested) { return tested.param.name; });

// --- in a spool ----------------------------------------------------------------------------------------------------

class SpoolBoundsTest : public SpoolTest {
 protected:
  void SetUp() override {
    SpoolTest::SetUp();
    options.bytes_max = 100;
  }
  [[nodiscard]] SealedBatch of_priority(const std::string& route, int priority) {
    SealedBatch made = batch(route, std::string(30, 'x'));
    made.priority = priority;
    return made;
  }
};

TEST_F(SpoolBoundsTest, TheOldestOfTheLowestPriorityGoesFirst) {
  open();
  must_commit(of_priority("alarms", 9));
  must_commit(of_priority("telemetry", 1));
  must_commit(of_priority("telemetry", 1));
  must_commit(of_priority("alarms", 9));
  EXPECT_THAT(names("lake"), ElementsAre("alarms/1", "alarms/2", "telemetry/2"));
  must_commit(of_priority("alarms", 9));
  must_commit(of_priority("alarms", 9));
  EXPECT_THAT(names("lake"), ElementsAre("alarms/2", "alarms/3", "alarms/4"));
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("1:10:spool_full", "2:10:spool_full"));
  EXPECT_THAT(drop_names("alarms"), ElementsAre("1:10:spool_full"));
  EXPECT_EQ(stats().bytes, 90U);
  open();
  EXPECT_EQ(stats().bytes, 90U);
}

TEST_F(SpoolBoundsTest, ACommitTellsWhatItHadToDrop) {
  open();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(commit(of_priority("telemetry", 1)), ::testing::Optional(IsEmpty()));
  const auto dropped = commit(of_priority("alarms", 9));
  ASSERT_THAT(dropped, IsOk());
  ASSERT_THAT(*dropped, ::testing::SizeIs(1));
  EXPECT_EQ(dropped->front().route.text, "telemetry");
  EXPECT_EQ(dropped->front().sequence, Sequence{1});
  EXPECT_EQ(dropped->front().records, 10U);
  EXPECT_EQ(dropped->front().reason, DropReason::spool_full);
}

TEST_F(SpoolBoundsTest, ACommitTellsWhatItHadToRefuse) {
  options.when_full = WhenFull::drop_newest;
  open();
  for (int i = 0; i < 3; ++i) must_commit(of_priority("telemetry", 1));
  const auto dropped = commit(of_priority("alarms", 9));
  ASSERT_THAT(dropped, IsOk());
  ASSERT_THAT(*dropped, ::testing::SizeIs(1));
  EXPECT_EQ(dropped->front().route.text, "alarms");
}

TEST_F(SpoolBoundsTest, ANewcomerPushesOutNothingThatIsMoreImportant) {
  open();
  for (int i = 0; i < 3; ++i) must_commit(of_priority("alarms", 9));
  const SealedBatch newcomer = of_priority("telemetry", 0);
  const auto dropped = commit(newcomer);
  ASSERT_THAT(dropped, IsOk());
  ASSERT_THAT(*dropped, ::testing::SizeIs(1));
  EXPECT_EQ(dropped->front().route.text, "telemetry");
  EXPECT_THAT(names("lake"), ElementsAre("alarms/1", "alarms/2", "alarms/3"));
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("1:10:spool_full"));
  EXPECT_EQ(*spool->tip({"telemetry"}), (ChainTip{.sequence = {1}, .digest = newcomer.digest})) << "the chain goes on";
}

TEST_F(SpoolBoundsTest, AFramePushesOutNothingThatIsMoreImportant) {
  open();
  for (int i = 0; i < 3; ++i) must_commit(of_priority("alarms", 9));
  SealedBatch low = of_priority("telemetry", 0);
  ASSERT_THAT(spool->commit({.journals = {journal(low)},
                             .frames = {frame(low, std::string(11, 'f')), frame(low, "1")},
                             .batches = {},
                             .drops = {}}),
              IsOk());
  EXPECT_EQ(stats().frames, 0U) << "a journal has no holes";
  EXPECT_THAT(names("lake"), ElementsAre("alarms/1", "alarms/2", "alarms/3"));
  open();
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:2:spool_full"));
}

// Room goes to the more important of a change first, wherever that stands in it.
TEST_F(SpoolBoundsTest, OfOneCommitTheMoreImportantFinds) {
  open();
  must_commit(of_priority("alarms", 9));
  must_commit(of_priority("alarms", 9));
  const SealedBatch low = of_priority("telemetry", 0);
  const SealedBatch high = of_priority("health", 8);
  ASSERT_THAT(spool->commit({.journals = {journal(low), journal(high)},
                             .frames = {frame(low, std::string(30, 'l')), frame(high, std::string(30, 'h'))},
                             .batches = {},
                             .drops = {}}),
              IsOk());
  EXPECT_EQ(stats().bytes, 90U);
  open();
  ASSERT_EQ(spool->leftover_journals()->size(), 1U);
  EXPECT_EQ(spool->leftover_journals()->front().start.route.text, "health");
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:1:spool_full"));
}

// Whatever comes: what goes is the least important, the oldest of it, no more than is needed, and nothing in vain.
TEST_F(SpoolBoundsTest, TheLeastImportantGoesFirstWhateverComes) {
  struct Held {
    std::string route;
    std::uint64_t sequence;
    int priority;
    std::uint64_t bytes;
  };
  std::mt19937 draw(11);
  std::vector<Held> held;  // oldest first
  const auto goes_before = [](const Held& one, const Held& other) { return one.priority < other.priority; };
  open();
  for (int i = 0; i < 300; ++i) {
    SealedBatch next = batch("route" + std::to_string(draw() % 4), std::string(1 + draw() % 60, 'x'));
    next.priority = static_cast<int>(draw() % 10);
    held.push_back({next.route.text, next.sequence.number, next.priority, next.object.size()});
    std::uint64_t bytes = 0;
    for (const Held& one : held) bytes += one.bytes;
    std::vector<Held> order = held;
    std::stable_sort(order.begin(), order.end(), goes_before);
    std::vector<std::string> expected;
    const auto name = [](const auto& route, std::uint64_t sequence) { return route + "/" + std::to_string(sequence); };
    for (const Held& first : order) {
      if (bytes <= options.bytes_max) break;
      bytes -= first.bytes;
      expected.push_back(name(first.route, first.sequence));
    }
    const std::string itself = name(next.route.text, next.sequence.number);
    if (std::find(expected.begin(), expected.end(), itself) != expected.end()) expected = {itself};

    const auto dropped = commit(next);
    ASSERT_THAT(dropped, IsOk());
    std::vector<std::string> found;
    for (const DropRecord& drop : *dropped) found.push_back(name(drop.route.text, drop.sequence.number));
    ASSERT_EQ(found, expected) << "commit " << i;
    std::erase_if(held, [&](const Held& one) {
      return std::find(found.begin(), found.end(), name(one.route, one.sequence)) != found.end();
    });
    ASSERT_EQ(stats().batches, held.size());
  }
}

TEST_F(SpoolBoundsTest, JournalFramesAreNotDropped) {
  open();
  const SealedBatch open_batch = batch("telemetry", "");
  ASSERT_THAT(spool->commit({.journals = {journal(open_batch)},
                             .frames = {frame(open_batch, std::string(60, 'f'))},
                             .batches = {},
                             .drops = {}}),
              IsOk());
  must_commit(of_priority("alarms", 5));
  must_commit(of_priority("alarms", 5));
  EXPECT_EQ(stats().frames, 1U);
  EXPECT_EQ(stats().bytes, 90U);
  EXPECT_THAT(commit(batch("alarms", std::string(41, 'x'))), Fails(Kind::full, HasSubstr("spool.max_bytes")));
  EXPECT_THAT(names("lake"), ElementsAre("alarms/2")) << "what failed has dropped nothing";
}

TEST_F(SpoolBoundsTest, ClosingABatchThatGrewTooLargeForItsSpoolStillSucceeds) {
  options.when_full = WhenFull::block;
  open();
  const SealedBatch one = batch("telemetry", std::string(90, 'b'));
  ASSERT_THAT(
      spool->commit(
          {.journals = {journal(one)}, .frames = {frame(one, std::string(95, 'f'))}, .batches = {}, .drops = {}}),
      IsOk());
  must_commit(one);
  EXPECT_EQ(stats().bytes, 90U);
}

TEST_F(SpoolBoundsTest, ADropIsToldByTheNextBatchThatArrives) {
  open();
  for (int i = 0; i < 4; ++i) must_commit(of_priority("telemetry", 5));
  ASSERT_THAT(drop_names("telemetry"), ElementsAre("1:10:spool_full"));
  SealedBatch teller = of_priority("telemetry", 5);
  teller.drops_reported = {drops("telemetry").at(0).row};
  must_commit(teller);
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("2:10:spool_full"));
  // The teller is dropped before it could leave: its news waits for another.
  for (int i = 0; i < 3; ++i) must_commit(of_priority("telemetry", 5));
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("1:10:spool_full", "2:10:spool_full", "3:10:spool_full",
                                                   "4:10:spool_full", "5:10:spool_full"));
}

TEST_F(SpoolBoundsTest, BlockHoldsUntilASinkHasTakenSomethingAway) {
  options.when_full = WhenFull::block;
  open();
  for (int i = 0; i < 3; ++i) must_commit(of_priority("telemetry", 5));
  const SealedBatch next = of_priority("telemetry", 5);
  EXPECT_THAT(commit(next), Fails(Kind::full));
  EXPECT_EQ(spool->tip({"telemetry"})->sequence, Sequence{3});
  EXPECT_THAT(drop_names("telemetry"), IsEmpty());
  ASSERT_THAT(spool->confirm({"lake"}, pending("lake").at(0).row), IsOk());
  must_commit(next);
}

TEST_F(SpoolBoundsTest, DropNewestRefusesWhatComesAndTheChainGoesOn) {
  options.when_full = WhenFull::drop_newest;
  open();
  for (int i = 0; i < 4; ++i) must_commit(of_priority("telemetry", 5));
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1", "telemetry/2", "telemetry/3"));
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("4:10:spool_full"));
  EXPECT_EQ(drops("telemetry").at(0).dropped, at(4));
  EXPECT_EQ(*spool->tip({"telemetry"}), (ChainTip{.sequence = {4}, .digest = digest_of(std::string(30, 'x'))}));
}

TEST_F(SpoolBoundsTest, DropNewestJudgesEachBatchOfAChange) {
  options.when_full = WhenFull::drop_newest;
  open();
  const std::vector<SealedBatch> three{batch("telemetry", std::string(60, 'a')),
                                       batch("telemetry", std::string(60, 'b')),
                                       batch("telemetry", std::string(40, 'c'))};
  ASSERT_THAT(spool->commit({.journals = {}, .frames = {}, .batches = three, .drops = {}}), IsOk());
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1", "telemetry/3"));
}

// A closed batch holds the records of frames that did not fit: nothing is lost until it does not fit either.
TEST_F(SpoolBoundsTest, ARefusedFrameIsNoLossIfItsBatchFitsLater) {
  options.when_full = WhenFull::drop_newest;
  open();
  must_commit(batch("alarms", std::string(90, 'x')));
  const SealedBatch one = batch("telemetry", std::string(30, 'b'));
  ASSERT_THAT(spool->commit({.journals = {journal(one)},
                             .frames = {frame(one, "123456"), frame(one, "too large"), frame(one, "1")},
                             .batches = {},
                             .drops = {}}),
              IsOk());
  EXPECT_EQ(stats().frames, 1U) << "a journal has no holes";
  EXPECT_THAT(drops("telemetry"), IsEmpty());
  ASSERT_THAT(spool->confirm({"lake"}, pending("lake").at(0).row), IsOk());
  must_commit(one);
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1"));
  EXPECT_THAT(drops("telemetry"), IsEmpty());
}

TEST_F(SpoolBoundsTest, AfterACrashRefusedFramesAreLostAndRecorded) {
  options.when_full = WhenFull::drop_newest;
  open();
  must_commit(batch("alarms", std::string(95, 'x')));
  SealedBatch one = batch("telemetry", "123");
  const SealedBatch none = batch("vibration", "");
  ASSERT_THAT(spool->commit({.journals = {journal(one), journal(none)},
                             .frames = {frame(one, "123"), frame(one, "too large"), frame(none, "too large")},
                             .batches = {},
                             .drops = {}}),
              IsOk());
  open();
  ASSERT_EQ(spool->leftover_journals()->size(), 1U);
  EXPECT_THAT(drop_names("vibration"), ElementsAre("0:1:spool_full"));
  EXPECT_EQ(drops("vibration").at(0).dropped, at(1)) << "the newest time that the spool knows";
  one.kind = BatchKind::journal;
  must_commit(one);
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:1:spool_full"));
}

// What the refused frames held is in no batch, so the drop of the batch does not count it.
TEST_F(SpoolBoundsTest, RefusedFramesAreRecordedThoughTheirJournalIsDroppedToo) {
  options.when_full = WhenFull::drop_newest;
  open();
  must_commit(batch("alarms", std::string(95, 'x')));
  SealedBatch one = batch("telemetry", "123");
  ASSERT_THAT(spool->commit({.journals = {journal(one)},
                             .frames = {frame(one, "123"), frame(one, "too large")},
                             .batches = {},
                             .drops = {}}),
              IsOk());
  open();
  one.kind = BatchKind::journal;
  one.records = 1;
  one.sinks.clear();
  must_commit(one);
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:1:spool_full", "1:1:no_sink"));
}

// It is what the spool holds already, and a header. Nothing is delivered before it, so refusing it would be for ever.
TEST_F(SpoolBoundsTest, APromotedJournalAlwaysFits) {
  options.when_full = WhenFull::block;
  open();
  must_commit(batch("alarms", std::string(70, 'x')));
  SealedBatch one = batch("telemetry", std::string(40, 'h'));
  ASSERT_THAT(
      spool->commit(
          {.journals = {journal(one)}, .frames = {frame(one, std::string(30, 'f'))}, .batches = {}, .drops = {}}),
      IsOk());
  open();
  one.kind = BatchKind::journal;
  must_commit(one);
  EXPECT_THAT(names("lake"), ElementsAre("alarms/1", "telemetry/1"));
  EXPECT_EQ(stats().bytes, 110U);
}

TEST_F(SpoolBoundsTest, LeavesTheFileSystemItsRoom) {
  options.bytes_max = 1 << 20;
  options.free_bytes_min = std::uint64_t{1} << 60;  // more than there is
  open();
  EXPECT_THAT(commit(batch("telemetry", "one")), Fails(Kind::full, HasSubstr("spool.db")));
}

}  // namespace
}  // namespace edgeseal::storage
