// SPDX-License-Identifier: GPL-3.0-or-later
// What is noticed when a spool is opened.
#include "storage/spool_check.h"

#include "storage/wal_scan.h"
#include "tests/unit/storage/salvage/salvage_fixture.h"

namespace edgeseal::storage {
namespace {

using SpoolCheckTest = SalvageTest;

TEST_F(SpoolCheckTest, ALostLogIsNoticedAndToldOnceToEachRoute) {
  open();
  must_commit(batch("telemetry", "one"));
  must_commit(batch("alarms", "red"));
  open();  // what was committed so far is in the file
  EXPECT_FALSE(spool->wal_was_lost());
  must_commit(batch("telemetry", "two"));
  keep_files(true);

  put_files(db_bytes, "");
  open();
  EXPECT_TRUE(spool->wal_was_lost());
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1", "alarms/1")) << "the second one was in the log";
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:0:wal_lost"));
  EXPECT_THAT(drop_names("alarms"), ElementsAre("0:0:wal_lost"));
  open();
  EXPECT_FALSE(spool->wal_was_lost());
  EXPECT_THAT(drop_names("alarms"), ElementsAre("0:0:wal_lost"));
}

TEST_F(SpoolCheckTest, AKilledProcessAndAClosedOneLoseNoLog) {
  open();
  must_commit(batch("telemetry", "one"));
  keep_files(true);
  put_files(db_bytes, wal_bytes);
  for (int i = 0; i < 2; ++i) {
    open();
    EXPECT_FALSE(spool->wal_was_lost());
    EXPECT_THAT(drop_names("telemetry"), IsEmpty());
  }
}

// SQLite ends the log at the first frame that does not match, and would say nothing of the commits behind it.
TEST_F(SpoolCheckTest, ALogThatIsBrokenInTheMiddleIsCorrupt) {
  live();
  keep_files(true);
  wal_bytes[wal_bytes.size() / 2] ^= 1;
  put_files(db_bytes, wal_bytes);
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::corrupt, HasSubstr("log")));
  open_whatever_it_takes();
  EXPECT_TRUE(salvaged);
}

// A power cut leaves the transaction that was being written in any state.
TEST_F(SpoolCheckTest, ALogThatIsTornAtItsEndIsNot) {
  live();
  keep_files(true);
  put_files(db_bytes, wal_bytes);
  const auto frames_of_log = read_wal(folder / "spool.db-wal").frames;
  ASSERT_TRUE(frames_of_log.back().commit);
  for (const std::size_t kept : {std::size_t{0}, std::size_t{1000}, kPageSize - 1}) {
    std::string torn = wal_bytes;
    torn.resize(frames_of_log.back().offset + kept);
    put_files(db_bytes, torn);
    open();
    EXPECT_EQ(spool->tip({"telemetry"})->sequence, tips["telemetry"].sequence);
    spool.reset();
  }
}

TEST_F(SpoolCheckTest, ABrokenTreeIsCorruptBeforeItIsMet) {
  live();
  keep_files(false);
  const auto object = std::find_if(batches.begin(), batches.end(),
                                   [](const auto& entry) { return entry.second.object.size() == 300'000; });
  const std::size_t at = db_bytes.find(as_text(ByteView(object->second.object).subspan(50'000, 32)));
  // The number of the next page of the object's chain.
  db_bytes.replace(at - at % kPageSize, 4, std::string("\0\0\0\x05", 4));
  put_files(db_bytes, "");
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::corrupt, HasSubstr("spool.db")));
}

// The batch would be in the table, and pending for nobody.
TEST_F(SpoolCheckTest, AnIndexThatDoesNotAgreeWithItsTableIsCorrupt) {
  live();
  keep_files(false);
  std::size_t changed = 0;
  for (std::size_t at = db_bytes.find("stickpending"); at != std::string::npos; at = db_bytes.find("stickpending")) {
    db_bytes[at] = 't';
    ++changed;
  }
  ASSERT_GT(changed, 0U);
  put_files(db_bytes, "");
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::corrupt));
  open_whatever_it_takes();
  EXPECT_EQ(found_batches.size(), batches.size());
  EXPECT_EQ(names("stick").size(), 5U);
}

}  // namespace
}  // namespace edgeseal::storage
