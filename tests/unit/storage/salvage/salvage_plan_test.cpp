// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that are sound each, and do not fit together: as damage leaves them, made here with SQL.
#include "storage/salvage/salvage_plan.h"

#include "tests/unit/storage/salvage/salvage_fixture.h"

namespace edgeseal::storage {
namespace {

class SalvagePlanTest : public SalvageTest {
 protected:
  /// A spool with some life behind it, changed by `sql` and salvaged.
  void salvage_after(const std::string& sql) {
    live();
    spool.reset();
    {
      auto db = Connection::open(options.path, Connection::Access::write, {});
      ASSERT_THAT((*db)->run_script(sql), IsOk());
    }
    ASSERT_THAT(salvage(options, random, at(1'000'000), test_hash), IsOk());
    open_whatever_it_takes();
    ASSERT_FALSE(salvaged);
  }
  [[nodiscard]] std::vector<LeftoverJournal> journals_of(const std::string& route) const {
    auto journals = *spool->leftover_journals();
    std::erase_if(journals, [&](const LeftoverJournal& journal) { return journal.start.route.text != route; });
    return journals;
  }
};

TEST_F(SalvagePlanTest, AJournalWhoseChainEndsLaterMovesToItsEnd) {
  salvage_after("UPDATE routes SET tip_sequence = 50 WHERE route = 'logs'");
  EXPECT_EQ(spool->tip({"logs"})->sequence.number, 50U);
  ASSERT_EQ(journals_of("logs").size(), 1U);
  EXPECT_EQ(journals_of("logs")[0].start.sequence.number, 51U);
  EXPECT_EQ(found_frames.size(), frames.size());
}

TEST_F(SalvagePlanTest, AJournalTellsWhereAChainOfWhichNothingIsLeftStood) {
  salvage_after(
      "DELETE FROM batches WHERE route = 'alarms'; UPDATE routes SET tip_sequence = 0 WHERE route = 'alarms'");
  EXPECT_EQ(spool->tip({"alarms"})->sequence, tips["alarms"].sequence);
  ASSERT_EQ(journals_of("alarms").size(), 1U);
  EXPECT_EQ(journals_of("alarms")[0].start.sequence, tips["alarms"].sequence.next());
}

TEST_F(SalvagePlanTest, TheTipIsNotBeforeTheNewestSoundBatch) {
  salvage_after("UPDATE routes SET tip_sequence = 1, tip_digest = zeroblob(32)");
  for (const char* route : kRoutes) EXPECT_EQ(*spool->tip({route}), tips[route]);
}

TEST_F(SalvagePlanTest, AJournalWhoseBatchWasClosedStaysClosed) {
  salvage_after(
      "INSERT INTO journals SELECT 1, route, sequence, batch_id, x'00', 5, 0 FROM batches WHERE route = 'logs' LIMIT 1;"
      "INSERT INTO frames SELECT 1000, 1, 3, 0, digest, frame FROM frames LIMIT 1");
  EXPECT_EQ(journals_of("logs").size(), 1U);
  EXPECT_EQ(found_frames.size(), frames.size());
}

TEST_F(SalvagePlanTest, ABatchWithoutDeliveriesGoesToTheSinksOfItsRoute) {
  salvage_after(
      "DELETE FROM deliveries WHERE batch_row = (SELECT MIN(batch_row) FROM batches WHERE route = 'telemetry')");
  EXPECT_EQ(found_batches.size(), batches.size());
  EXPECT_THAT(names("stick").front(), "telemetry/1");
  EXPECT_EQ(stats().sinks[0].pending + stats().sinks[0].quarantined, batches.size());
}

TEST_F(SalvagePlanTest, ABatchThatAllSinksHaveIsGone) {
  salvage_after(
      "UPDATE deliveries SET state = 'confirmed' WHERE batch_row IN "
      "(SELECT batch_row FROM batches WHERE route = 'logs')");
  for (const QueuedBatch& left : pending("lake")) EXPECT_NE(left.route.text, "logs");
}

// In a foreign journal, whose key does not open it, a frame would spoil the whole object.
class FramesInForeignJournalsTest : public SalvagePlanTest, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    RoundAllInOneAndInNone, FramesInForeignJournalsTest,
    ::testing::Values("UPDATE frames SET journal_row = COALESCE("
                      "(SELECT MIN(journal_row) FROM journals WHERE journals.journal_row > frames.journal_row), "
                      "(SELECT MIN(journal_row) FROM journals))",
                      "UPDATE frames SET journal_row = (SELECT MAX(journal_row) FROM journals)",
                      "PRAGMA foreign_keys = OFF; UPDATE frames SET journal_row = 70000 + frame_row"));

TEST_P(FramesInForeignJournalsTest, GoBackToTheirOwn) {
  salvage_after(GetParam());
  EXPECT_EQ(found_frames.size(), frames.size());
  for (const char* route : kRoutes) {
    const auto journals = journals_of(route);
    ASSERT_EQ(journals.size(), 1U);
    std::vector<std::size_t> sizes;
    for (const JournalFrame& frame : journals[0].frames) {
      EXPECT_EQ(frames.at(frame.digest).route.text, route);
      sizes.push_back(frame.bytes.size());
    }
    EXPECT_THAT(sizes, ElementsAre(200U, 700U, 3000U, 10'000U)) << "in the order in which they came";
  }
}

TEST_F(SalvagePlanTest, ACopyOfAFrameWithAnotherNumberIsNoSecondFrame) {
  salvage_after(
      "INSERT INTO frames SELECT frame_row + 1000, journal_row, records, sealed_us, digest, frame FROM frames");
  for (const char* route : kRoutes) EXPECT_EQ(journals_of(route)[0].frames.size(), 4U);
}

// Without the header that its frames share nobody can open them, so none of them may pass for sound.
TEST_F(SalvagePlanTest, FramesWhoseHeaderIsDamagedAreToldOf) {
  salvage_after(
      "UPDATE journals SET shared_header = CAST(substr(shared_header, 1, 20) || 'x' AS BLOB) "
      "WHERE route = 'alarms'");
  EXPECT_EQ(found_frames.size(), frames.size() - 4);
  EXPECT_THAT(drop_names("alarms"), testing::Contains("0:1:damaged").Times(4));
}

TEST_F(SalvagePlanTest, FramesOfFormat1AreKeptWithTheJournalThatTheirRowNames) {
  live();
  spool.reset();
  {
    auto db = Connection::open(options.path, Connection::Access::write, {});
    for (const auto& [digest, frame] : frames) {
      const std::string of_bytes = sum_of(frame.bytes).hex();
      ASSERT_THAT(
          (*db)->run_script("UPDATE frames SET digest = X'" + of_bytes + "' WHERE digest = X'" + digest.hex() + "'"),
          IsOk());
    }
  }
  ASSERT_THAT(salvage(options, random, at(1'000'000), test_hash), IsOk());
  open_whatever_it_takes();
  EXPECT_EQ(found_frames.size(), frames.size());
}

TEST_F(SalvagePlanTest, FramesWithoutTheirJournalAreCounted) {
  live();
  spool.reset();
  {
    auto db = Connection::open(options.path, Connection::Access::write, {});
    ASSERT_THAT((*db)->run_script("DELETE FROM journals WHERE route = 'alarms'"), IsOk());
  }
  const auto report = salvage(options, random, at(1'000'000), test_hash);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->frames_damaged, 4U);
  EXPECT_EQ(report->frames_kept, frames.size() - 4);
}

}  // namespace
}  // namespace edgeseal::storage
