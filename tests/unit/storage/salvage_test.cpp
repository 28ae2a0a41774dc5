// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever breaks of a spool, what is sound of it is kept, and what is not is told.
#include "storage/salvage.h"

#include "storage/raw_pages.h"
#include "tests/unit/storage/salvage_fixture.h"

namespace edgeseal::storage {
namespace {

/// As a killed process leaves the files, and as a closed one does.
class WholeSalvageTest : public SalvageTest, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutLog, WholeSalvageTest, ::testing::Bool());

TEST_P(WholeSalvageTest, KeepsEverything) {
  live();
  const bool with_wal = GetParam();
  keep_files(with_wal);
  put_files(db_bytes, wal_bytes);
  const auto report = salvage(options, random, at(1'000'000), test_hash);
  ASSERT_THAT(report, IsOk());
  EXPECT_TRUE(report->id_kept);
  EXPECT_EQ(report->batches_kept, batches.size());
  EXPECT_EQ(report->frames_kept, frames.size());
  EXPECT_EQ(report->batches_damaged + report->frames_damaged, 0U);
  EXPECT_EQ(report->damaged, folder / "spool.db.damaged");
  EXPECT_EQ(report->routes.size(), kRoutes.size());
  EXPECT_EQ(test::read_file(report->damaged), db_bytes);
  if (with_wal) {
    EXPECT_EQ(test::read_file(folder / "spool.db.damaged-wal"), wal_bytes);
  }

  open_whatever_it_takes();
  EXPECT_FALSE(salvaged);
  EXPECT_EQ(spool->id(), id);
  for (const auto& [digest, batch] : batches) EXPECT_TRUE(found_batches.contains(digest));
  EXPECT_EQ(found_batches.size(), batches.size());
  EXPECT_EQ(found_frames.size(), frames.size());
  for (const char* route : kRoutes) EXPECT_EQ(*spool->tip({route}), tips[route]);
  EXPECT_THAT(drop_names("logs"), ElementsAre("2:3:spool_full", "0:0:spool_damaged"));
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:0:spool_damaged"));
  EXPECT_EQ(spool->source_mark("plant")->broker_dropped, 7U);
  EXPECT_THAT(*spool->subscriptions("plant"), ElementsAre("yard/#"));
  ASSERT_EQ(stats().sinks.size(), 2U);
  EXPECT_EQ(stats().sinks[0].quarantined, 1U);
  // In the order in which they came, each with its journal's frames in theirs.
  EXPECT_THAT(names("stick"), ElementsAre("telemetry/1", "telemetry/3", "telemetry/5", "telemetry/6", "telemetry/7"));
  const auto journals = *spool->leftover_journals();
  ASSERT_EQ(journals.size(), kRoutes.size());
  EXPECT_EQ(journals[1].start.shared_header, bytes_of("header"));
  EXPECT_THAT(journals[1].start.sinks, ElementsAre(SinkName{"lake"}, SinkName{"stick"}));
  EXPECT_EQ(journals[1].frames[0].bytes.size(), 200U);
  EXPECT_EQ(journals[1].frames[3].bytes.size(), 10'000U);
}

}  // namespace
}  // namespace edgeseal::storage
