// SPDX-License-Identifier: GPL-3.0-or-later
// What a raw scan takes for a row of the spool is what the schema makes.
#include "storage/salvage/row_shapes.h"

#include <map>
#include <set>

#include "storage/sqlite.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

using RowShapesTest = SpoolTest;

char letter(const std::string& type, bool may_be_null) {
  const char letter = type == "INTEGER" ? 'i' : type == "TEXT" ? 't' : 'b';
  return may_be_null ? static_cast<char>(letter - 'a' + 'A') : letter;
}

std::vector<std::string> texts(Connection& db, const std::string& sql) {
  static std::set<std::string> kept;  // a statement's address is its key
  std::vector<std::string> found;
  Query query = db.use(kept.insert(sql).first->c_str());
  while (query.next().value()) found.push_back(query.text(0));
  return found;
}

/// The columns of a table or index as they are stored, as a word.
std::string word(Connection& db, const std::string& table, const std::string& index) {
  std::map<std::string, char> letters;
  for (const std::string& line :
       texts(db, "SELECT name || ' ' || type || ' ' || (\"notnull\" OR pk) FROM pragma_table_info('" + table + "')")) {
    const std::string name = line.substr(0, line.find(' '));
    const std::string type = line.substr(name.size() + 1, line.rfind(' ') - name.size() - 1);
    letters[name] = letter(type, line.ends_with("0"));
  }
  std::string found;
  for (const std::string& name :
       texts(db, "SELECT COALESCE(name, '') FROM pragma_index_xinfo('" + index + "') ORDER BY seqno")) {
    found += name.empty() ? 'i' : letters.at(name);
  }
  return found;
}

TEST_F(RowShapesTest, AreThoseOfTheSchema) {
  open();
  spool.reset();
  const auto db = Connection::open(options.path, Connection::Access::read, {}).value();
  std::set<std::pair<bool, std::string>> of_schema{{true, "tttiT"}, {true, "ti"}};  // SQLite's own two tables
  for (const std::string& line : texts(
           *db,
           "SELECT type || ' ' || tbl_name || ' ' || name || CASE WHEN sql LIKE '%WITHOUT ROWID%' THEN '!' ELSE '' END "
           "FROM sqlite_schema WHERE tbl_name NOT LIKE 'sqlite_%'")) {
    const std::string table = line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1);
    std::string name = line.substr(line.rfind(' ') + 1);
    const bool without_rowid = name.ends_with("!");
    if (without_rowid) name.pop_back();
    if (line.starts_with("index")) {
      // The key of a WITHOUT ROWID table is the table.
      if (!texts(*db, "SELECT 1 FROM sqlite_schema WHERE name = '" + table + "' AND sql LIKE '%WITHOUT ROWID%'")
               .empty() &&
          name.starts_with("sqlite_autoindex")) {
        continue;
      }
      of_schema.insert({false, word(*db, table, name)});
      continue;
    }
    if (without_rowid) {
      of_schema.insert({false, word(*db, table, "sqlite_autoindex_" + table + "_1")});
      continue;
    }
    std::string columns;
    for (const std::string& column :
         texts(*db,
               "SELECT type || CASE WHEN pk AND type = 'INTEGER' THEN 'n' WHEN \"notnull\" OR pk THEN 'i' ELSE '0' END "
               "FROM pragma_table_info('" +
                   table + "') ORDER BY cid")) {
      columns += column.ends_with("n") ? 'n' : letter(column.substr(0, column.size() - 1), column.ends_with("0"));
    }
    of_schema.insert({true, columns});
  }
  std::set<std::pair<bool, std::string>> told;
  const auto tell = [&](Shape one) { told.insert({one.table, std::string(one.columns)}); };
  for (const Shape one : {shape::kSchema, shape::kSpool, shape::kRoutes, shape::kJournals, shape::kJournalSinks,
                          shape::kFrames, shape::kBatches, shape::kDeliveries, shape::kDeliveriesOfSink, shape::kDrops,
                          shape::kSources, shape::kSubscriptions}) {
    EXPECT_EQ(told.count({one.table, std::string(one.columns)}), 0U) << "two tables are told by " << one.columns;
    tell(one);
  }
  for (const Shape one : shape::kRest) tell(one);
  // An index whose first column is never null is told as one in which it may be.
  of_schema.erase({false, "ii"});
  EXPECT_EQ(told, of_schema);
}

}  // namespace
}  // namespace edgeseal::storage
