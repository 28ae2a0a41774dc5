// SPDX-License-Identifier: GPL-3.0-or-later
// Pages that no SQLite has written: whatever stands in them, reading ends and stays within them.
#include "storage/salvage/page_scan.h"

#include "tests/unit/storage/salvage/salvage_fixture.h"

namespace edgeseal::storage {
namespace {

class PageScanTest : public SalvageTest {
 protected:
  std::uint64_t rows_of(const std::string& db) {
    folder.write("pages", db);
    const RawPages pages(folder / "pages", folder / "none");
    std::uint64_t rows = 0;
    PageScan(pages).each_row(Overlay::sound, [&](const RawRow& row) {
      ++rows;
      for (const Field& field : row.fields) EXPECT_LE(field.bytes.size(), db.size());
    });
    return rows;
  }
};

TEST_F(PageScanTest, FindsTheRowsThatSqliteWrote) {
  const Bytes large = random_bytes(20'000);
  {
    auto db = Connection::open(folder / "pages", Connection::Access::write, {});
    ASSERT_THAT(
        (*db)->run_script("PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;"
                          "CREATE TABLE t (n INTEGER PRIMARY KEY, a INT, b TEXT, c BLOB);"
                          "INSERT INTO t VALUES (7, -300, 'seven', NULL), (9, 1, '', x'00ff'), (10, 0, 'x', NULL);"
                          "DELETE FROM t WHERE n = 10"),
        IsOk());
    ASSERT_THAT((*db)->use("INSERT INTO t VALUES (1000, 9000000000, 'large', :large)").bind(":large", large).run(),
                IsOk());
  }
  const RawPages pages(folder / "pages", folder / "none");
  PageScan scan(pages);
  std::vector<std::int64_t> numbers;
  std::vector<std::int64_t> integers;
  std::vector<std::string> texts;
  RowPlace last;
  scan.each_row(Overlay::sound, [&](const RawRow& row) {
    if (row.fields.size() != 4) return;
    numbers.push_back(row.number);
    integers.push_back(row.fields[1].integer);
    texts.emplace_back(as_text(row.fields[2].bytes));
    last = row.place;
  });
  EXPECT_THAT(numbers, ElementsAre(7, 9, 1000)) << "the deleted row stays deleted";
  EXPECT_THAT(integers, ElementsAre(-300, 1, 9'000'000'000));
  EXPECT_THAT(texts, ElementsAre("seven", "", "large"));
  const auto again = scan.row_at(last);
  ASSERT_TRUE(again);
  EXPECT_TRUE(std::ranges::equal(again->fields[3].bytes, large));
}

// Every number that leads to a cell is one of those that must agree: a page that hides a row, or shows a stale one, is
// told from one that never had it.
TEST_F(PageScanTest, APageWhoseListOfCellsIsDamagedIsNotWhole) {
  live();
  keep_files(false);
  std::size_t trees = 0;
  for (std::size_t begin = kPageSize; begin < db_bytes.size(); begin += kPageSize) {
    Page page{};
    std::copy_n(db_bytes.begin() + static_cast<std::ptrdiff_t>(begin), kPageSize, page.begin());
    if (!is_whole(page)) continue;
    ++trees;
    const bool leaf = page[0] > 5;
    const std::size_t size = leaf ? 8 + 2 * cell_count(page) : 8;
    for (std::size_t at = 0; at < size; ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        const auto mask = static_cast<std::uint8_t>(1U << bit);
        page[at] ^= mask;
        // An empty page of one kind is an empty page of another.
        EXPECT_FALSE(is_whole(page) && cell_count(page) > 0) << begin / kPageSize + 1 << ", byte " << at;
        page[at] ^= mask;
      }
    }
  }
  EXPECT_GT(trees, 20U);
}

TEST_F(PageScanTest, EndsWithAChainThatBitesItsTail) {
  live();
  keep_files(false);
  const auto object = std::find_if(batches.begin(), batches.end(),
                                   [](const auto& entry) { return entry.second.object.size() == 300'000; });
  std::size_t at = db_bytes.find(as_text(ByteView(object->second.object).subspan(100'000, 32)));
  at -= at % kPageSize;
  const std::size_t page = at / kPageSize + 1;
  db_bytes.replace(at, 4, {'\0', '\0', static_cast<char>(page >> 8), static_cast<char>(page)});
  put_files(db_bytes, "");
  const auto report = salvage(options, random, WallTime{}, test_hash);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->batches_kept, batches.size() - 1);
  EXPECT_EQ(report->batches_damaged, 1U);
}

TEST_F(PageScanTest, NeverLeavesAPageOfGarbage) {
  for (int round = 0; round < 400; ++round) {
    const Bytes noise = random_bytes(8 * kPageSize);
    std::string db(as_text(noise));
    for (std::size_t page = 1; page < 8; ++page) {
      db[page * kPageSize] = std::array{'\x02', '\x0a', '\x0d'}[engine() % 3];
      // Cells that point near the page's end, and rows with small headers, go deepest.
      for (std::size_t cell = 0; cell < 200; ++cell) {
        if (engine() % 2 == 0) db[page * kPageSize + 8 + 2 * cell] = static_cast<char>(engine() % 16);
      }
    }
    (void)rows_of(db);
  }
}

TEST_F(PageScanTest, NeverLeavesAPageThatWasSoundOnce) {
  live();
  keep_files(false);
  std::uint64_t rows = 0;
  for (int round = 0; round < 100; ++round) {
    std::string db = db_bytes;
    for (int i = 0; i < 2000; ++i) {
      // Headers, cell pointers and the cells' first bytes are where most numbers are.
      const std::size_t page = engine() % (db.size() / kPageSize);
      db[page * kPageSize + engine() % (i % 2 == 0 ? 64 : kPageSize)] = static_cast<char>(engine());
    }
    rows += rows_of(db);
  }
  EXPECT_GT(rows, 1000U);
}

}  // namespace
}  // namespace edgeseal::storage
