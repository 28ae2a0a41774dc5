// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever breaks of a spool, what is sound of it is kept, and what is not is told.
#include "storage/salvage/salvage.h"

#include <functional>

#include "storage/wal_scan.h"
#include "tests/unit/storage/salvage/salvage_fixture.h"

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
  EXPECT_EQ(report->batches_damaged + report->frames_damaged + report->pages_damaged, 0U);
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
  EXPECT_TRUE(spool->source_mark("quay")->session);
  EXPECT_FALSE(spool->source_mark("quay")->broker_dropped);
  EXPECT_THAT(*spool->subscriptions("plant"), ElementsAre("yard/#"));
  ASSERT_EQ(stats().sinks.size(), 2U);
  EXPECT_EQ(stats().sinks[0].quarantined, 1U);
  // In the order in which they came, each with its journal's frames in theirs.
  EXPECT_THAT(names("stick"), ElementsAre("telemetry/1", "telemetry/3", "telemetry/5", "telemetry/6", "telemetry/7"));
  const auto journals = *spool->leftover_journals();
  ASSERT_EQ(journals.size(), kRoutes.size());
  EXPECT_EQ(journals[1].start.shared_header, bytes_of("header of " + journals[1].start.batch.hex()));
  EXPECT_THAT(journals[1].start.sinks, ElementsAre(SinkName{"lake"}, SinkName{"stick"}));
  EXPECT_EQ(journals[1].frames[0].bytes.size(), 200U);
  EXPECT_EQ(journals[1].frames[3].bytes.size(), 10'000U);
}

// Each commit of it leaves a copy of its row in the log. The last counts, even if its checksum does not vouch for it.
TEST_F(SalvageTest, OfADropThatGrewTheLastCountStands) {
  live();
  SpoolChange change;
  constexpr std::uint64_t kEach = 4'000'000'000;  // so that the sum needs more than 32 bits
  change.drops = {{.row = 0,
                   .route = {"logs"},
                   .sequence = {},
                   .records = kEach,
                   .reason = DropReason::too_large,
                   .dropped = at(9)}};
  must_commit_change(change);
  const std::uint64_t first = std::filesystem::file_size(beside(options.path, "-wal"));
  for (int i = 0; i < 5; ++i) must_commit_change(change);
  keep_files(true);
  ASSERT_GT(wal_bytes.size(), first) << "the log has begun anew";
  constexpr std::uint64_t kFrame = 24 + 4096;
  wal_bytes[first + 16] ^= 1;                      // a checksum of the second commit: SQLite reads no further
  wal_bytes[wal_bytes.size() - kFrame + 16] ^= 1;  // and one of the last
  put_files(db_bytes, wal_bytes);
  open_whatever_it_takes();
  ASSERT_TRUE(salvaged);
  EXPECT_THAT(drop_names("logs"), ElementsAre("2:3:spool_full", "0:24000000000:too_large", "0:0:spool_damaged"));
}

/// Wherever it stands, on stale pages as well; the file keeps its length.
void replace_all(std::string& in, std::string_view what, std::string_view with) {
  for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at))
    in.replace(at, with.size(), with);
}

// --- files that are hardly a spool any more ------------------------------------------------------------------------

struct Wreck {
  const char* name;
  std::function<void(std::string& db, std::string& wal)> damage;
  bool everything_kept;
};
void PrintTo(const Wreck& wreck, std::ostream* out) { *out << wreck.name; }

class WreckTest : public SalvageTest, public ::testing::WithParamInterface<Wreck> {};
INSTANTIATE_TEST_SUITE_P(
    Of, WreckTest,
    ::testing::Values(
        Wreck{"first_page_destroyed", [](std::string& db, std::string&) { db.replace(0, 4096, 4096, 'x'); }, true},
        Wreck{"first_page_zeroed", [](std::string& db, std::string&) { db.replace(0, 4096, 4096, '\0'); }, true},
        Wreck{"wrong_page_size", [](std::string& db, std::string&) { db[16] = '\x20'; }, true},
        Wreck{"read_only_format", [](std::string& db, std::string&) { db[18] = '\x07'; }, true},
        Wreck{"application_id", [](std::string& db, std::string&) { db[69] = '\x01'; }, true},
        Wreck{"negative_version", [](std::string& db, std::string&) { db[60] = '\xff'; }, true},
        Wreck{"version_beyond_reason", [](std::string& db, std::string&) { db[61] = '\x40'; }, true},
        Wreck{"version_zero", [](std::string& db, std::string&) { db[63] = '\0'; }, true},
        Wreck{"schema_changed",
              [](std::string& db, std::string&) { replace_all(db, "tip_sequence INTEGER", "tap_sequence INTEGER"); },
              true},
        Wreck{"cut_in_half", [](std::string& db, std::string&) { db.resize(db.size() / 2); }, false},
        Wreck{"random_bytes",
              [](std::string& db, std::string&) {
                std::mt19937 engine(5);
                for (char& byte : db) byte = static_cast<char>(engine());
              },
              false}),
    [](const auto& wreck) { return std::string(wreck.param.name); });

TEST_P(WreckTest, BecomesAWorkingSpool) {
  live();
  keep_files(false);
  std::string wal;
  GetParam().damage(db_bytes, wal);
  put_files(db_bytes, wal);
  open_whatever_it_takes();
  ASSERT_TRUE(salvaged) << "it was taken for sound";
  EXPECT_EQ(test::read_file(salvaged->damaged), db_bytes);
  EXPECT_FALSE(std::filesystem::exists(folder / "spool.db.damaged-wal"));
  if (GetParam().everything_kept) {
    EXPECT_EQ(found_batches.size(), batches.size());
    EXPECT_EQ(found_frames.size(), frames.size());
    EXPECT_EQ(spool->id(), id);
    for (const char* route : kRoutes) EXPECT_EQ(*spool->tip({route}), tips[route]);
  } else {
    EXPECT_LT(found_batches.size(), batches.size());
  }
  SealedBatch more = next("telemetry", 100);
  more.sequence = spool->tip({"telemetry"})->sequence.next();
  EXPECT_THAT(commit(more), IsOk());
}

// The first checkpoint has yet to come: all is in the log.
TEST_F(SalvageTest, AnEmptyFileWithItsLogIsReadFromTheLog) {
  live();
  keep_files(true);
  put_files("", wal_bytes);
  ASSERT_THAT(salvage(options, random, at(1'000'000), test_hash), IsOk());
  open_whatever_it_takes();
  EXPECT_FALSE(salvaged);
  EXPECT_EQ(found_batches.size(), batches.size());
  EXPECT_EQ(found_frames.size(), frames.size());
}

TEST_F(SalvageTest, AnEmptyFileGivesAnEmptySpool) {
  put_files("", "");
  const auto report = salvage(options, random, at(1), test_hash);
  ASSERT_THAT(report, IsOk());
  EXPECT_FALSE(report->id_kept);
  EXPECT_THAT(report->text(), ::testing::AllOf(HasSubstr("0 batches kept"), HasSubstr("new one")));
  open();
  must_commit(next("telemetry", 100));
}

TEST_F(SalvageTest, ALostSpoolIdIsReplacedAndTheReportSaysSo) {
  live();
  keep_files(false);
  for (std::size_t at = db_bytes.find(as_text(id.view())); at != std::string::npos;
       at = db_bytes.find(as_text(id.view()))) {
    db_bytes.replace(at - 8, 24, 24, '\x7f');  // the row's header too
  }
  put_files(db_bytes, "");
  const auto report = salvage(options, random, at(1'000'000), test_hash);
  ASSERT_THAT(report, IsOk());
  EXPECT_FALSE(report->id_kept);
  open_whatever_it_takes();
  EXPECT_NE(spool->id(), id);
  EXPECT_EQ(found_batches.size(), batches.size());
}

TEST_F(SalvageTest, ADamagedObjectIsToldByNameAndADamagedFrameToo) {
  live();
  keep_files(false);
  const SealedBatch& batch = std::find_if(batches.begin(), batches.end(), [](const auto& entry) {
                               return entry.second.object.size() == 40'000 && entry.second.route.text == "logs";
                             })->second;
  const auto frame = std::find_if(frames.begin(), frames.end(), [](const auto& entry) {
    return entry.second.bytes.size() == 700 && entry.second.route.text == "alarms";
  });
  for (const ByteView bytes : {ByteView(batch.object), ByteView(frame->second.bytes)}) {
    replace_all(db_bytes, as_text(bytes.first(32)), std::string(32, 'x'));
  }
  put_files(db_bytes, "");
  const auto report = salvage(options, random, at(1'000'000), test_hash);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->batches_damaged, 1U);
  EXPECT_EQ(report->frames_damaged, 1U);
  open_whatever_it_takes();
  EXPECT_FALSE(found_batches.contains(batch.digest));
  EXPECT_FALSE(found_frames.contains(frame->first));
  EXPECT_EQ(found_batches.size(), batches.size() - 1);
  EXPECT_EQ(found_frames.size(), frames.size() - 1);
  EXPECT_THAT(drop_names("logs"), ElementsAre("2:3:spool_full", std::to_string(batch.sequence.number) + ":10:damaged",
                                              "0:0:spool_damaged"));
  EXPECT_THAT(drop_names("alarms"), ElementsAre("0:0:spool_damaged", "9:1:damaged"));
}

// Its rows cannot be named: they count as nothing, so that the page itself must.
TEST_F(SalvageTest, APageThatCannotBeReadIsTold) {
  live();
  keep_files(false);
  const auto small =
      std::find_if(batches.begin(), batches.end(), [](const auto& entry) { return entry.second.object.size() == 100; });
  const std::string_view object = as_text(small->second.object);
  for (std::size_t at = db_bytes.find(object); at != std::string::npos; at = db_bytes.find(object, at + 1)) {
    db_bytes[at - at % kPageSize] ^= 1;  // the page's kind, and that of a stale copy
  }
  put_files(db_bytes, "");
  const auto report = salvage(options, random, storage::at(1'000'000), test_hash);
  ASSERT_THAT(report, IsOk());
  EXPECT_LT(report->batches_kept, batches.size());
  EXPECT_GE(report->pages_damaged, 1U);
  EXPECT_THAT(report->text(), ::testing::ContainsRegex("damaged pages? that may have held more"));
}

// --- whose file it is ----------------------------------------------------------------------------------------------

TEST_F(SalvageTest, ANewerSpoolAndAnotherProgramsFileAreLeftAsTheyAre) {
  const auto refuses = [&] {
    const std::string before = test::read_file(options.path);
    EXPECT_THAT(salvage(options, random, at(1), test_hash), Fails(Kind::invalid));
    EXPECT_EQ(test::read_file(options.path), before);
    EXPECT_FALSE(std::filesystem::exists(folder / "spool.db.damaged"));
  };
  live();
  keep_files(false);
  db_bytes[63] = '\x03';
  put_files(db_bytes, "");
  refuses();
  std::filesystem::remove(options.path);
  auto db = Connection::open(options.path, Connection::Access::write, {});
  ASSERT_THAT((*db)->run_script("CREATE TABLE contacts (name TEXT); INSERT INTO contacts VALUES ('x')"), IsOk());
  db->reset();
  refuses();
}

TEST_F(SalvageTest, ASpoolInUseIsLeftAlone) {
  live();
  EXPECT_THAT(salvage(options, random, at(1), test_hash), Fails(Kind::invalid, HasSubstr("holds the spool")));
}

// --- a process that dies in the middle -----------------------------------------------------------------------------

TEST_F(SalvageTest, AnUnfinishedNewSpoolIsDiscarded) {
  live();
  keep_files(true);
  put_files(db_bytes, wal_bytes);
  folder.write("spool.db.salvage", db_bytes.substr(0, 10'000));
  folder.write("spool.db.salvage-wal", "half");
  open_whatever_it_takes();
  EXPECT_FALSE(salvaged);
  EXPECT_FALSE(std::filesystem::exists(folder / "spool.db.salvage"));
  EXPECT_EQ(found_batches.size(), batches.size());
}

TEST_F(SalvageTest, IsFinishedByTheNextStartWhereverItStopped) {
  live();
  keep_files(true);
  put_files(db_bytes, wal_bytes);
  ASSERT_THAT(salvage(options, random, at(1'000'000), test_hash), IsOk());
  const std::string made = test::read_file(options.path);
  // How many of the three renames were done when the process died, all files being there before.
  for (int done = 0; done < 3; ++done) {
    SCOPED_TRACE(done);
    put_files(db_bytes, wal_bytes);
    folder.write("spool.db-shm", "stale");
    folder.write("spool.db.salvaged", made);
    folder.write("spool.db.damaged", "an earlier one");
    folder.write("spool.db.damaged-wal", "its log");
    if (done > 0) {
      std::filesystem::remove(folder / "spool.db.damaged-wal");
      std::filesystem::rename(options.path, folder / "spool.db.damaged");
    }
    if (done > 1) std::filesystem::rename(folder / "spool.db-wal", folder / "spool.db.damaged-wal");
    open_whatever_it_takes();
    EXPECT_FALSE(salvaged);
    EXPECT_EQ(found_batches.size(), batches.size());
    EXPECT_EQ(found_frames.size(), frames.size());
    EXPECT_EQ(test::read_file(folder / "spool.db.damaged"), db_bytes);
    EXPECT_EQ(test::read_file(folder / "spool.db.damaged-wal"), wal_bytes);
    EXPECT_FALSE(std::filesystem::exists(folder / "spool.db.salvaged"));
    spool.reset();
  }
}

}  // namespace
}  // namespace edgeseal::storage
