// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool_check.h"

#include <array>
#include <system_error>

#include "storage/file_header.h"
#include "storage/raw_file.h"
#include "storage/salvage/salvage_files.h"
#include "storage/spool_schema.h"
#include "storage/spool_sql.h"
#include "storage/spool_tables.h"
#include "storage/wal_scan.h"

namespace edgeseal::storage {
namespace {

// Reads every page: 30 to 165 ms for 40 to 60 MiB in memory, from a slow card as long as that takes to read.
constexpr std::int64_t kCheckedBytesMax = std::int64_t{64} << 20;
// Rather than quick_check, which costs half of that: a batch that is missing in the index of its sink would wait for
// ever.
constexpr const char* kCheck = "PRAGMA integrity_check(1)";

tl::unexpected<Error> damaged(std::string what, const std::string& path) {
  return fail(Kind::corrupt, std::move(what), path, "check the disk that it lies on");
}

}  // namespace

Result<void> check_files(const std::filesystem::path& path) {
  std::array<std::uint8_t, kHeaderBytes> bytes{};
  if (const auto file = RawFile::open(path); file && file->size() >= kHeaderBytes && file->read(0, bytes)) {
    const FileHeader header = read_file_header(bytes);
    const bool ours = header.sqlite && header.application && !is_newer(header.version);
    if (ours && !header.as_made) return damaged("the spool's header is damaged", path.string());
  }
  const std::filesystem::path wal = beside(path, "-wal");
  if (read_wal(wal).commits_unreachable) return damaged("the spool's log is damaged", wal.string());
  return {};
}

bool has_wal(const std::filesystem::path& path) {
  std::error_code unknown;
  return std::filesystem::exists(beside(path, "-wal"), unknown) || unknown;
}

Result<void> check_pages(Connection& db) {
  auto bytes = db.pages_in_bytes(sql::kPageCount);
  if (!bytes) return failed(bytes);
  if (*bytes > kCheckedBytesMax) return {};
  Query query = db.use(kCheck);
  auto row = query.next();
  if (!row) return failed(row);
  const std::string verdict = query.text(0);
  if (verdict != "ok") return damaged("the spool file is damaged (SQLite: " + verdict + ")", db.path());
  return {};
}

Result<bool> mark_in_use(Connection& db, bool had_wal) {
  auto in_use = db.number(sql::kInUse);
  if (!in_use) return failed(in_use);
  const bool lost = *in_use == 1 && !had_wal;
  if (*in_use == 0) {
    if (auto marked = db.use(sql::kSetInUse).bind(":in_use", 1).run(); !marked) return failed(marked);
  }
  if (!lost) return false;
  SpoolTables tables(db);
  auto newest = tables.newest();
  if (!newest) return failed(newest);
  auto routes = tables.routes();
  if (!routes) return failed(routes);
  for (const RouteName& route : *routes) {
    auto added = tables.add_drop(
        {.row = 0, .route = route, .sequence = {}, .records = 0, .reason = DropReason::wal_lost, .dropped = *newest});
    if (!added) return failed(added);
  }
  return true;
}

void mark_closed(Connection& db) {
  if (!db.checkpoint(Connection::Wal::keep)) return;
  (void)db.transaction(sql::kBeginWrite, [&] { return db.use(sql::kSetInUse).bind(":in_use", 0).run(); });
}

}  // namespace edgeseal::storage
