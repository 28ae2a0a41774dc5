// SPDX-License-Identifier: GPL-3.0-or-later
// The rows that tell of drops are bounded, however long nobody fetches what tells of them.
#include <map>
#include <random>
#include <set>

#include "storage/drop_merge.h"
#include "storage/sqlite.h"
#include "tests/support/places.h"
#include "tests/unit/storage/salvage/salvage_fixture.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

std::string vector_of_version_1() { return test::source_dir() + "/tests/vectors/spool/version-1.db"; }

// Weeks of being offline with a full spool: a batch a minute pushes out the oldest.
TEST_F(SpoolTest, ALastingLossIsABoundedNumberOfRowsThatTellsAll) {
  options.bytes_max = 1000;
  open();
  for (int i = 0; i < 1000; ++i) must_commit(batch("telemetry", std::string(100, 'x')));
  EXPECT_THAT(names("lake"), ::testing::SizeIs(10));
  const auto told = drops("telemetry");
  ASSERT_EQ(told.size(), kDropRowsMax);
  EXPECT_EQ(drop_name(told.front()), "1-863*863:8630:spool_full");
  EXPECT_EQ(drop_name(told.back()), "990:10:spool_full");
}

// A batch that told of drops is dropped itself, and what it told is untold again.
TEST_F(SpoolTest, WhatADroppedBatchToldIsMergedWithTheRest) {
  options.bytes_max = 1000;
  open();
  for (int i = 0; i < 1200; ++i) {
    SealedBatch telling = batch("telemetry", std::string(100, 'x'));
    const auto handed_out = spool->hand_out_drops({"telemetry"});
    ASSERT_THAT(handed_out, IsOk());
    ASSERT_LE(handed_out->size(), kDropsReportedMax);
    for (const DropRecord& drop : *handed_out) telling.drops_reported.push_back(drop.row);
    must_commit(telling);
    ASSERT_LE(drops("telemetry").size(), kDropRowsMax);
  }
  auto db = Connection::open(options.path, Connection::Access::read, {});
  ASSERT_THAT(db, IsOk());
  EXPECT_LE((*db)->number("SELECT COUNT(*) FROM drops").value_or(0),
            static_cast<std::int64_t>(kDropRowsMax + 10 * kDropsReportedMax));
  EXPECT_EQ((*db)->number("SELECT SUM(batches) FROM drops").value_or(0), 1190);
  EXPECT_EQ((*db)->number("SELECT SUM(records) FROM drops").value_or(0), 11'900);
}

/// What was lost, and what the spool, or a batch of it, tells of that.
struct Ledger {
  std::map<DropReason, std::uint64_t> records;
  std::map<DropReason, std::uint64_t> batches;
  std::map<DropReason, std::set<std::uint64_t>> places;

  void add(const DropRecord& drop) {
    records[drop.reason] += drop.records;
    batches[drop.reason] += batches_of(drop);
    if (drop.sequence.number > 0) places[drop.reason].insert(drop.sequence.number);
  }
};

void expect_all_told(const Ledger& lost, const std::vector<DropRecord>& told) {
  Ledger sums;
  for (const DropRecord& drop : told) sums.add(drop);
  ASSERT_EQ(sums.records, lost.records);
  for (const auto& [reason, batches] : lost.batches) {
    // A damaged batch may have been told of before, so one among others is not counted as one more.
    if (reason == DropReason::damaged) {
      ASSERT_LE(sums.batches[reason], batches);
    } else {
      ASSERT_EQ(sums.batches[reason], batches);
    }
  }
  for (const auto& [reason, places] : lost.places) {
    for (const std::uint64_t place : places) {
      ASSERT_TRUE(std::any_of(told.begin(), told.end(), [&, kind = reason](const DropRecord& drop) {
        return drop.reason == kind && drop.sequence.number <= place && place <= last_of(drop);
      })) << place;
    }
  }
}

// Losses of every kind in any order, while batches that tell of them are sealed, held, committed and dropped again.
TEST_F(SpoolTest, WhateverTheOrderTheRowsAreBoundedAndNothingIsForgotten) {
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    options.path = folder / ("bounded" + std::to_string(seed) + ".db");
    open();
    std::mt19937 draw(seed);
    const std::string route = "route" + std::to_string(seed);
    Ledger lost;
    std::vector<DropRecord> told;  ///< of batches that were delivered
    std::map<std::uint64_t, std::vector<DropRecord>> telling;
    std::optional<SealedBatch> sealed;
    std::vector<DropRecord> handed_out;
    std::uint64_t next_place = 1'000'000;
    for (int step = 0; step < 400; ++step) {
      SpoolChange change;
      for (auto more = draw() % 4; more > 0; --more) {
        DropRecord drop{.route = {route},
                        .records = draw() % 4 == 0 ? 0 : 1 + draw() % 100,
                        .reason = kDropReasons[draw() % kDropReasons.size()],
                        .dropped = at(step * 100'000'000)};
        if (draw() % 4 != 0) {
          next_place += draw() % 3 == 0 ? 1 + draw() % 5 : 1;
          // Batches do not go in order: priorities differ, some were delivered.
          drop.sequence = {draw() % 8 == 0 ? next_place - 500'000 : next_place};
        }
        if (drop.reason == DropReason::damaged) drop.sequence = {};  // told of often, and so not to be summed up
        lost.add(drop);
        change.drops.push_back(drop);
      }
      if (draw() % 10 == 0) {
        if (!sealed) sealed = batch(route, "x");
        handed_out = *spool->hand_out_drops({route});
        sealed->drops_reported.clear();
        for (const DropRecord& drop : handed_out) sealed->drops_reported.push_back(drop.row);
      }
      if (sealed && draw() % 10 == 0) {
        telling[sealed->sequence.number] = std::exchange(handed_out, {});
        change.batches = {*std::exchange(sealed, std::nullopt)};
      }
      ASSERT_THAT(spool->commit(change), IsOk());
      for (const QueuedBatch& queued : pending("lake")) {
        auto of_batch = telling.extract(queued.sequence.number);
        if (draw() % 4 == 0) {
          ASSERT_THAT(spool->confirm({"lake"}, queued.row), IsOk());
          told.insert(told.end(), of_batch.mapped().begin(), of_batch.mapped().end());
        } else if (draw() % 4 == 0) {
          ASSERT_THAT(spool->drop_damaged(queued.row), IsOk());
          lost.records[DropReason::damaged] += queued.records;
          lost.batches[DropReason::damaged] += 1;
          lost.places[DropReason::damaged].insert(queued.sequence.number);
        } else {
          telling.insert(std::move(of_batch));
        }
      }
      std::vector<DropRecord> all = drops(route);
      ASSERT_LE(all.size(), kDropRowsMax) << "step " << step;
      for (const auto& [number, of_batch] : telling) all.insert(all.end(), of_batch.begin(), of_batch.end());
      all.insert(all.end(), told.begin(), told.end());
      ASSERT_NO_FATAL_FAILURE(expect_all_told(lost, all)) << "step " << step;
    }
    EXPECT_GT(lost.records.size(), 9U);
  }
}

TEST_F(SpoolTest, ADropThatABatchHasBeenHandedStaysAsItIs) {
  open();
  SpoolChange change;
  for (std::uint64_t i = 1; i <= kDropRowsMax; ++i) {
    change.drops.push_back(
        {.route = {"telemetry"}, .sequence = {i}, .records = 1, .reason = DropReason::expired, .dropped = at(1)});
  }
  ASSERT_THAT(spool->commit(change), IsOk());
  const auto handed_out = spool->hand_out_drops({"telemetry"});
  ASSERT_THAT(handed_out, IsOk());
  ASSERT_EQ(handed_out->size(), kDropsReportedMax);
  change.drops = {
      {.route = {"telemetry"}, .sequence = {500}, .records = 1, .reason = DropReason::expired, .dropped = at(1)}};
  for (std::uint64_t i = 0; i < 100; ++i, ++change.drops[0].sequence.number) {
    ASSERT_THAT(spool->commit(change), IsOk());
  }
  const auto now = drops("telemetry");
  ASSERT_EQ(now.size(), kDropRowsMax);
  for (std::size_t i = 0; i < kDropsReportedMax; ++i) EXPECT_EQ(drop_name(now[i]), drop_name((*handed_out)[i]));
  EXPECT_EQ(drop_name(now[kDropsReportedMax]), "65-128*64:64:expired");
}

// --- what version 1 wrote -------------------------------------------------------------------------------------------

// Its telemetry lost 300 batches in a row, every tenth for its age; nothing bounded their rows.
TEST_F(SpoolTest, AFileOfVersion1IsBroughtUpToDate) {
  folder.write("spool.db", test::read_file(vector_of_version_1()));
  EXPECT_THAT(SpoolView::open(options.path), Fails(Kind::invalid, HasSubstr("format 1, of an older edgeseal")));
  open();
  EXPECT_THAT(names("lake"), ElementsAre("alarms/1"));
  EXPECT_THAT(drop_names("alarms"), ElementsAre("0:3:qos0_full", "0:0:session_lost", "9:5:damaged"));
  const auto told = drops("telemetry");
  EXPECT_EQ(told.size(), kDropRowsMax);
  std::uint64_t records = 0;
  std::uint64_t batches = 0;
  for (const DropRecord& drop : told) {
    records += drop.records;
    batches += batches_of(drop);
  }
  EXPECT_EQ(records, 300U * 301 / 2);
  EXPECT_EQ(batches, 300U);
  EXPECT_EQ(drop_name(told.front()), "1-9*9:45:spool_full");
  ASSERT_EQ(spool->leftover_journals()->size(), 1U);
  EXPECT_THAT(*spool->subscriptions("plant"), ElementsAre("plant/#"));

  // The drop that the batch tells of comes back when that is dropped.
  ASSERT_THAT(spool->drop_damaged(pending("lake").at(0).row), IsOk());
  EXPECT_THAT(drop_names("alarms"),
              ElementsAre("4:17:expired", "0:3:qos0_full", "0:0:session_lost", "9:5:damaged", "1:10:damaged"));
  open();
  EXPECT_EQ(drops("telemetry").size(), kDropRowsMax) << "once is enough";
}

class SalvagedDropsTest : public SalvageTest {
 protected:
  /// Overwrites the first page, so that nothing but the rows' shapes is left to go by.
  void wreck_and_salvage() {
    std::string file = test::read_file(options.path);
    file.replace(0, 4096, 4096, 'x');
    put_files(file, "");
    auto opened = Spool::open(options, random);
    ASSERT_THAT(opened, Fails(Kind::corrupt));
    salvage_now(opened.error());
  }
};

TEST_F(SalvagedDropsTest, OfVersion1AreFoundAndBounded) {
  folder.write("spool.db", test::read_file(vector_of_version_1()));
  wreck_and_salvage();
  const auto told = drops("telemetry");
  EXPECT_EQ(told.size(), kDropRowsMax);
  std::uint64_t records = 0;
  for (const DropRecord& drop : told) records += drop.reason == DropReason::damaged ? 0 : drop.records;
  EXPECT_EQ(records, 300U * 301 / 2) << "beside the journal's frame, whose digest another function made";
}

TEST_F(SalvagedDropsTest, ThatWereMergedStayMerged) {
  open();
  SpoolChange change;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    change.drops.push_back(
        {.route = {"logs"}, .sequence = {i}, .records = 2, .reason = DropReason::expired, .dropped = at(1)});
  }
  ASSERT_THAT(spool->commit(change), IsOk());
  spool.reset();
  wreck_and_salvage();
  const auto told = drops("logs");
  ASSERT_EQ(told.size(), kDropRowsMax);
  EXPECT_EQ(drop_name(told.front()), "1-874*874:1748:expired") << "one more, for what the salvage tells of";
  EXPECT_EQ(drop_name(told.back()), "0:0:spool_damaged");
}

}  // namespace
}  // namespace edgeseal::storage
