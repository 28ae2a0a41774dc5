// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are not what they should be.
#include "storage/spool_schema.h"

#include <fstream>

#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

class SpoolSchemaTest : public SpoolTest {
 protected:
  void run_script(const std::string& sql) {
    auto db = Connection::open(options.path, Connection::Access::write, {});
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->run_script(sql), IsOk());
  }
  [[nodiscard]] std::int64_t number(const char* sql) {
    auto db = Connection::open(options.path, Connection::Access::read, {});
    EXPECT_THAT(db, IsOk());
    return (*db)->number(sql).value_or(-1);
  }
  void overwrite(std::streamoff at, const std::string& bytes) const {
    std::fstream file(options.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(file.good());
  }
};

TEST_F(SpoolSchemaTest, TheFileSaysWhatItIs) {
  open();
  EXPECT_EQ(number("PRAGMA user_version"), 2);
  EXPECT_EQ(number("PRAGMA application_id"), 0x45535350);
  EXPECT_EQ(number("PRAGMA auto_vacuum"), 2);
  EXPECT_EQ(number("PRAGMA page_size"), 4096);
  EXPECT_EQ(number("SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

TEST_F(SpoolSchemaTest, ANewerFormatIsRefusedAndLeftAsItIs) {
  open();
  must_commit(batch("telemetry", "one"));
  spool.reset();
  run_script("PRAGMA user_version = 3");
  const std::string before = test::read_file(options.path);

  EXPECT_THAT(
      Spool::open(options, random),
      Fails(Kind::invalid, ::testing::AllOf(HasSubstr("format 3"), HasSubstr("up to 2"), HasSubstr("spool.db"))));
  EXPECT_THAT(SpoolView::open(options.path), Fails(Kind::invalid, HasSubstr("format 3")));
  EXPECT_EQ(test::read_file(options.path), before);
  run_script("PRAGMA user_version = 2");
  open();
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1"));
}

TEST_F(SpoolSchemaTest, AnotherProgramsFileIsRefusedAndLeftAsItIs) {
  run_script("CREATE TABLE contacts (name TEXT)");
  const std::string before = test::read_file(options.path);
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::invalid, HasSubstr("not an edgeseal spool")));
  EXPECT_THAT(SpoolView::open(options.path), Fails(Kind::invalid, HasSubstr("not an edgeseal spool")));
  EXPECT_EQ(test::read_file(options.path), before);
}

TEST_F(SpoolSchemaTest, AFileThatACrashLeftEmptyBecomesASpool) {
  folder.write("spool.db", "");
  open();
  must_commit(batch("telemetry", "one"));
}

TEST_F(SpoolSchemaTest, WhatIsNoDatabaseIsCorrupt) {
  folder.write("spool.db", std::string(8192, 'x'));
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::corrupt, HasSubstr("spool.db")));
  EXPECT_THAT(SpoolView::open(options.path), Fails(Kind::corrupt, HasSubstr("spool.db")));
}

TEST_F(SpoolSchemaTest, ADamagedPageIsCorruptWhenItIsMet) {
  open();
  must_commit(batch("telemetry", "one"));
  spool.reset();
  // Every page but the first, whose header and schema still make sense.
  const std::string file = test::read_file(options.path);
  overwrite(4096, std::string(file.size() - 4096, '\xee'));
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::corrupt, HasSubstr("spool.db")));
}

TEST_F(SpoolSchemaTest, ATruncatedFileIsCorrupt) {
  open();
  must_commit(batch("telemetry", std::string(100'000, 'x')));
  spool.reset();
  std::filesystem::resize_file(options.path, 3 * 4096);
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::corrupt));
}

}  // namespace
}  // namespace edgeseal::storage
