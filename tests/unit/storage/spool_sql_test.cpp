// SPDX-License-Identifier: GPL-3.0-or-later
// Every statement of spool_sql.h finds its rows through a key or an index.
#include "storage/spool_sql.h"

#include <cctype>
#include <list>
#include <map>
#include <string>

#include "storage/spool_schema.h"
#include "storage/sqlite.h"
#include "tests/support/places.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

/// Name and text of each raw string in spool_sql.h, read from the source so that none can be left out.
std::map<std::string, std::string> statements() {
  std::map<std::string, std::string> found;
  const std::string source = test::read_file(test::source_dir() + "/storage/spool_sql.h");
  for (std::size_t at = source.find("R\"sql("); at != std::string::npos; at = source.find("R\"sql(", at + 1)) {
    const std::size_t begin = at + 6;
    const std::size_t name_end = source.rfind(" =", at);
    std::size_t name_begin = name_end;
    while (std::isalnum(static_cast<unsigned char>(source[name_begin - 1])) != 0) --name_begin;
    found[source.substr(name_begin, name_end - name_begin)] =
        source.substr(begin, source.find(")sql\"", begin) - begin);
  }
  return found;
}

TEST_F(SpoolTest, NoStatementScansBatchesOrFrames) {
  open();
  auto db = Connection::open(options.path, Connection::Access::read, {});
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT(prepare_connection(**db), IsOk());
  const auto all = statements();
  ASSERT_GT(all.size(), 40U);
  std::list<std::string> kept;  // a connection knows its statements by their addresses
  std::vector<std::string> scans;
  for (const auto& [name, sql] : all) {
    const std::string& explained = kept.emplace_back("EXPLAIN QUERY PLAN " + sql);
    Query plan = (*db)->use(explained.c_str());
    while (true) {
      auto row = plan.next();
      ASSERT_THAT(row, IsOk()) << name;
      if (!*row) break;
      const std::string step = plan.text(3);
      EXPECT_EQ(step.find("USE TEMP B-TREE"), std::string::npos) << name << ": " << step;
      if (step.starts_with("SCAN")) scans.push_back(name + ": " + step);
    }
  }
  // What may be scanned, and why.
  EXPECT_THAT(scans, ::testing::UnorderedElementsAre(
                         "kBatchBytes: SCAN routes", "kSelectRoutes: SCAN routes",  // few
                         "kCountTables: SCAN sqlite_master",                        // few
                         "kCountOurTables: SCAN sqlite_schema",
                         "kSelectEmptyJournals: SCAN journals",  // a few open ones, once when the spool is opened
                         "kSinksOfJournals: SCAN journal_sinks", "kForgetJournalSink: SCAN journal_sinks",
                         "kCountFrames: SCAN frames",  // open batches' alone; when the spool is opened, and for status
                         "kCountDeliveries: SCAN deliveries USING COVERING INDEX deliveries_of_sink"));  // for status
}

}  // namespace
}  // namespace edgeseal::storage
