// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool_schema.h"

#include <string>

#include "storage/schema_sql.h"
#include "storage/spool_sql.h"
#include "storage/spool_tables.h"

namespace edgeseal::storage {
namespace {

// Before the first table. page_size: of 4, 8 and 16 KiB, 4 KiB writes least: 9 KiB a commit of a 300-byte frame (16 KiB
// pages: 34), 23 KiB with 4 KiB of frame (49), 2.2 times the object for one of 300 KiB (2.9); the times are alike.
// auto_vacuum=INCREMENTAL costs up to 17 % more bytes written than none, and lets the file shrink after a long outage
// without VACUUM, which would want the whole file's size in free disk just when there is none.
constexpr const char* kFileSettings = R"sql(
  PRAGMA page_size = 4096;
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
)sql";

// synchronous=FULL syncs the WAL at each commit: NORMAL would lose acknowledged messages at a power cut (measured with
// OFF: 492 of 25,667 rows; with FULL none). A checkpoint every 4 MiB; a WAL that a slow reader let grow is cut to 8
// MiB. secure_delete=OFF: what lies here is ciphertext, and Debian's SQLite would write zeros over every page that a
// delivered batch leaves, through the WAL: as many bytes again as the batch had, and room that a full disk lacks.
constexpr const char* kConnectionSettings = R"sql(
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA wal_autocheckpoint = 1000;
  PRAGMA journal_size_limit = 8388608;
  PRAGMA secure_delete = OFF;
  PRAGMA trusted_schema = OFF;
  PRAGMA temp_store = MEMORY;
)sql";

// Gone with the connection, as is every batch that was sealed and not committed.
constexpr const char* kConnectionTables = R"sql(
  CREATE TEMP TABLE IF NOT EXISTS handed_out (drop_row INTEGER PRIMARY KEY, route TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS temp.handed_out_of_route ON handed_out (route);
)sql";

// Of sql::kCountOurTables.
constexpr std::int64_t kOurTables = 10;

// A larger one is no format that will ever be: the number is damaged.
constexpr std::int64_t kPlausibleVersionMax = 999;

/// 0 for a file without tables. A file that has our tables was a spool, whatever its header says.
Result<std::int64_t> version_of(Connection& db) {
  auto tables = db.number(sql::kCountTables);
  if (!tables) return failed(tables);
  auto application = db.number(sql::kApplicationIdOf);
  if (!application) return failed(application);
  auto version = db.number(sql::kVersionOf);
  if (!version) return failed(version);
  auto ours = db.number(sql::kCountOurTables);
  if (!ours) return failed(ours);
  if (*application == kApplicationId && is_newer(*version)) return too_new(db.path(), *version);
  if (*tables == 0 && *application == 0 && *version == 0) return 0;
  if (*application == kApplicationId && *version >= 1 && *version <= kSchemaVersion && *ours == kOurTables)
    return version;
  if (*application != kApplicationId && *ours != kOurTables) return not_a_spool(db.path());
  return fail(Kind::corrupt, "the spool's header or schema is damaged", db.path(), "check the disk that it lies on");
}

Result<void> set_version(Connection& db, std::int64_t version) {
  return db.run_script("PRAGMA user_version = " + std::to_string(version));
}

Result<void> create(Connection& db, Random& random) {
  auto id = SpoolId::random(random);
  if (!id) return failed(id);
  if (auto done = db.run_script(kFileSettings); !done) return done;
  return db.transaction(sql::kBeginWrite, [&]() -> Result<void> {
    if (auto done = db.run_script(sql::kVersion1); !done) return done;
    if (auto done = db.run_script(sql::kVersion2); !done) return done;
    if (auto done = db.use(sql::kInsertSpool).bind(":spool_id", id->view()).run(); !done) return done;
    if (auto done = db.run_script("PRAGMA application_id = " + std::to_string(kApplicationId)); !done) return done;
    return set_version(db, kSchemaVersion);
  });
}

/// In version 1 nothing bounded the drops.
Result<void> bring_to_version_2(Connection& db) {
  return db.transaction(sql::kBeginWrite, [&]() -> Result<void> {
    if (auto done = db.run_script(sql::kVersion2); !done) return done;
    SpoolTables tables(db);
    auto routes = tables.routes();
    if (!routes) return failed(routes);
    for (const RouteName& route : *routes) {
      if (auto done = tables.bound_drops(route); !done) return done;
    }
    return set_version(db, 2);
  });
}

}  // namespace

bool is_newer(std::int64_t version) { return version > kSchemaVersion && version <= kPlausibleVersionMax; }

tl::unexpected<Error> not_a_spool(const std::string& path) {
  return fail(Kind::invalid, "this SQLite file is not an edgeseal spool", path, "name another file in spool.path");
}

tl::unexpected<Error> too_new(const std::string& path, std::int64_t version) {
  return fail(Kind::invalid,
              "the spool has format " + std::to_string(version) + "; this edgeseal knows formats up to " +
                  std::to_string(kSchemaVersion),
              path, "install the edgeseal that wrote it, or a newer one; nothing was changed");
}

Result<void> prepare_connection(Connection& db) {
  auto done = db.run_script(kConnectionTables);
  if (!done) return failed(done, "set up the connection");
  return done;
}

Result<void> prepare_schema(Connection& db, Random& random) {
  auto version = version_of(db);
  if (!version) return failed(version);
  // Durable from the first byte: the settings come before the tables.
  if (auto done = db.run_script(kConnectionSettings); !done) return failed(done, "set up the connection");
  if (*version == 0) {
    if (auto done = create(db, random); !done) return failed(done, "make the spool");
  }
  if (auto done = prepare_connection(db); !done) return done;
  // Each in a transaction of its own; a file of version n is its fixture, tests/vectors/spool/version-n.db.
  if (*version == 1) {
    if (auto done = bring_to_version_2(db); !done) return failed(done, "bring the spool to format 2");
  }
  return {};
}

Result<void> check_schema(Connection& db) {
  auto version = version_of(db);
  if (!version) return failed(version);
  if (*version == 0) return fail(Kind::invalid, "the file holds no spool yet", db.path(), "start edgeseal run once");
  if (*version < kSchemaVersion) {
    return fail(Kind::invalid, "the spool has format " + std::to_string(*version) + ", of an older edgeseal", db.path(),
                "start edgeseal run once: it brings the spool to format " + std::to_string(kSchemaVersion));
  }
  return {};
}

Result<SpoolId> read_spool_id(Connection& db) {
  Query query = db.use(sql::kSelectSpool);
  auto row = query.next();
  if (!row) return failed(row);
  return query.fixed<SpoolId>(0);
}

}  // namespace edgeseal::storage
