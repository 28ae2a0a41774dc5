// SPDX-License-Identifier: GPL-3.0-or-later
// Spools in which not every batch and every route has fared alike: what salvage makes of each is its own.
#include "tests/unit/storage/salvage/salvage_fixture.h"

namespace edgeseal::storage {
namespace {

using ::testing::Contains;
using ::testing::Not;

class UnevenSalvageTest : public SalvageTest {
 protected:
  /// A spool with some life behind it, changed by `sql`, salvaged and opened.
  void salvage_after(const std::string& sql, const std::vector<RouteName>& routes = {}) {
    spool.reset();
    {
      auto db = Connection::open(options.path, Connection::Access::write, {});
      ASSERT_THAT((*db)->run_script(sql), IsOk());
    }
    auto made = salvage(options, random, at(1'000'000), test_hash, routes);
    ASSERT_THAT(made, IsOk());
    report = *made;
    open_whatever_it_takes();
    ASSERT_FALSE(salvaged);
  }
  [[nodiscard]] std::int64_t row_of(const std::string& route, std::uint64_t sequence) const {
    for (const QueuedBatch& batch : pending("lake")) {
      if (batch.route.text == route && batch.sequence.number == sequence) return batch.row;
    }
    ADD_FAILURE() << "no batch " << sequence << " of " << route;
    return 0;
  }
  SalvageReport report;
};

TEST_F(UnevenSalvageTest, ABatchThatOneOfTwoSinksHasGoesToTheOtherAlone) {
  live();
  ASSERT_THAT(spool->confirm({"lake"}, row_of("telemetry", 3)), IsOk());
  salvage_after("");
  EXPECT_EQ(report.batches_kept, batches.size());
  EXPECT_THAT(names("stick"), Contains("telemetry/3"));
  EXPECT_THAT(names("lake"), Not(Contains("telemetry/3")));
  EXPECT_THAT(names("lake"), Contains("telemetry/5")) << "which none has";
}

TEST_F(UnevenSalvageTest, WhatASinkRefusedStaysOutOfItsWayAndWhatItFailedAtIsCounted) {
  live();
  const std::int64_t refused = row_of("telemetry", 5);
  ASSERT_THAT(spool->quarantine({"lake"}, refused, "413 Too Large"), IsOk());
  for (int i = 0; i < 3; ++i) ASSERT_THAT(spool->record_attempt({"lake"}, row_of("telemetry", 6), "away"), IsOk());
  salvage_after("");
  EXPECT_THAT(names("lake"), Not(Contains("telemetry/5")));
  EXPECT_THAT(names("stick"), Contains("telemetry/5"));
  EXPECT_EQ(stats().sinks[0].quarantined, 2U) << "one of them by live()";
  for (const QueuedBatch& batch : pending("lake")) {
    if (batch.route.text == "telemetry") {
      EXPECT_EQ(batch.attempts, batch.sequence.number == 6 ? 3U : 0U);
    }
  }
}

// A confirmed batch stays only while somebody waits for it.
TEST_F(UnevenSalvageTest, ABatchThatOneSinkHasAndNoOtherIsKnownToWaitForGoesToTheOthersOfItsRoute) {
  live();
  const std::string row = std::to_string(row_of("telemetry", 3));
  salvage_after("UPDATE deliveries SET state = 'confirmed' WHERE sink = 'lake' AND batch_row = " + row +
                "; DELETE FROM deliveries WHERE sink = 'stick' AND batch_row = " + row);
  EXPECT_THAT(names("stick"), Contains("telemetry/3"));
  EXPECT_THAT(names("lake"), Not(Contains("telemetry/3")));
}

TEST_F(UnevenSalvageTest, ABatchThatBothSinksHaveIsGoneAndNoLoss) {
  live();
  const std::string row = std::to_string(row_of("telemetry", 3));
  salvage_after("UPDATE deliveries SET state = 'confirmed' WHERE batch_row = " + row);
  EXPECT_EQ(report.batches_kept, batches.size() - 1);
  EXPECT_EQ(report.batches_damaged, 0U);
  EXPECT_THAT(names("stick"), Not(Contains("telemetry/3")));
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:0:spool_damaged"));
}

/// The newest batch of "logs" becomes that of its open journal, as if its closing had been written in part.
constexpr const char* kClosesTheJournal =
    "UPDATE batches SET batch_id = (SELECT batch_id FROM journals WHERE route = 'logs') "
    "WHERE route = 'logs' AND sequence = 7;";

TEST_F(UnevenSalvageTest, ADamagedBatchLeavesItsJournalToBePromoted) {
  live();
  salvage_after(std::string(kClosesTheJournal) +
                "UPDATE batches SET object = zeroblob(bytes) WHERE route = 'logs' AND sequence = 7");
  EXPECT_EQ(report.batches_damaged, 1U);
  EXPECT_EQ(found_frames.size(), frames.size()) << "the journal holds what the batch held";
  EXPECT_THAT(drop_names("logs"), Contains("7:10:damaged"));
}

TEST_F(UnevenSalvageTest, ASoundBatchEndsItsJournal) {
  live();
  salvage_after(kClosesTheJournal);
  EXPECT_EQ(report.batches_damaged, 0U);
  EXPECT_EQ(found_frames.size(), frames.size() - 4);
  EXPECT_EQ(found_batches.size(), batches.size());
  EXPECT_THAT(drop_names("logs"), ElementsAre("2:3:spool_full", "0:0:spool_damaged"));
}

TEST_F(UnevenSalvageTest, ADamagedBatchDoesNotSayWhereItsChainEnds) {
  live();
  salvage_after("UPDATE batches SET sequence = 1000, object = zeroblob(bytes) WHERE route = 'alarms' AND sequence = 8");
  EXPECT_EQ(*spool->tip({"alarms"}), tips["alarms"]);
  EXPECT_EQ(report.batches_damaged, 1U);
}

TEST_F(UnevenSalvageTest, EveryRouteIsToldThatIsFoundOrConfigured) {
  live();
  salvage_after("", {{"logs"}, {"barometer"}});
  for (const char* route : {"alarms", "telemetry", "logs", "barometer"}) {
    EXPECT_THAT(drop_names(route), Contains("0:0:spool_damaged")) << route;
  }
}

TEST_F(UnevenSalvageTest, OfAFileWithNothingInItEveryConfiguredRouteIsTold) {
  put_files("", "");
  ASSERT_THAT(salvage(options, random, at(1), test_hash, {{"logs"}, {"barometer"}}), IsOk());
  open();
  for (const char* route : {"logs", "barometer"}) {
    EXPECT_THAT(drop_names(route), ElementsAre("0:0:spool_damaged")) << route;
  }
}

}  // namespace
}  // namespace edgeseal::storage
