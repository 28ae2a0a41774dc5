// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool_writer.h"

#include <algorithm>
#include <utility>

#include "storage/bounds.h"
#include "storage/spool_check.h"
#include "storage/spool_schema.h"
#include "storage/spool_sql.h"

namespace edgeseal::storage {
namespace {

// The file shrinks by 1 MiB a change while it has this much free inside, and that is half of it; or, once the file
// system is short, while it has the lesser. So a live page is moved seldom, and no change waits long.
constexpr std::uint64_t kFreeInsideMax = std::uint64_t{16} << 20;
constexpr std::uint64_t kFreeInsideMaxWhenShort = std::uint64_t{1} << 20;
constexpr const char* kShrinkStep = "PRAGMA incremental_vacuum(256)";
constexpr const char* kShrinkSmallStep = "PRAGMA incremental_vacuum(32)";

Result<std::unique_ptr<Connection>> connect(const SpoolOptions& options, Random& random) {
  if (options.vfs.empty()) {
    if (auto checked = check_files(options.path); !checked) return failed(checked);
  }
  auto db = Connection::open(options.path, Connection::Access::write, options.vfs);
  if (!db) return db;
  if (auto prepared = prepare_schema(**db, random); !prepared) return failed(prepared);
  if (auto checked = check_pages(**db); !checked) return failed(checked);
  return db;
}

}  // namespace

Result<SpoolWriter> SpoolWriter::open(const SpoolOptions& options, Random& random) {
  SpoolWriter writer(options);
  if (options.vfs.empty()) {
    auto files = SpoolFiles::claim(options.path);
    if (!files) return failed(files);
    writer.files_.emplace(std::move(*files));
  }
  const bool had_wal = !options.vfs.empty() || has_wal(options.path);
  auto db = connect(options, random);
  if (!db && db.error().kind == Kind::full && writer.files_ && writer.files_->release_reserve()) {
    db = connect(options, random);
  }
  if (!db) return failed(db);
  writer.db_ = std::move(*db);
  auto id = read_spool_id(*writer.db_);
  if (!id) return failed(id);
  writer.id_ = *id;
  if (auto settled = writer.settle(); !settled) return failed(settled);
  if (auto loaded = writer.load(had_wal); !loaded) return failed(loaded);
  if (writer.files_) {
    if (auto synced = writer.files_->sync_folder(); !synced) return failed(synced);
  }
  return writer;
}

void SpoolWriter::close() { mark_closed(*db_); }

bool SpoolWriter::could_hold(std::uint64_t bytes) const {
  if (bytes > options_.bytes_max) return false;
  const auto disk = files_ ? files_->disk_size() : std::nullopt;
  return !disk || disk_bytes(bytes) + options_.free_bytes_min <= *disk;
}

Result<void> SpoolWriter::load(bool had_wal) {
  auto lost = change([&] { return mark_in_use(*db_, had_wal); });
  if (!lost) return failed(lost);
  wal_was_lost_ = *lost;
  // If it fails, the mark is in the log alone for a while, and a lost log would not be noticed: no reason not to start.
  auto moved = db_->checkpoint(Connection::Wal::keep);
  if (!moved && moved.error().kind == Kind::corrupt) return moved;
  SpoolTables tables(*db_);
  auto newest = tables.newest();
  if (!newest) return failed(newest);
  auto ended = change([&] { return tables.end_empty_journals(*newest); });
  if (!ended) return ended;
  auto bytes = tables.frame_bytes();
  if (!bytes) return failed(bytes);
  frame_bytes_ = *bytes;
  auto row = tables.newest_journal();
  if (!row) return failed(row);
  leftover_row_max_ = *row;
  return {};
}

Result<void> SpoolWriter::settle() {
  auto done = db_->checkpoint(Connection::Wal::keep);
  // A checkpoint begins with the sync. No room in the file for the rest, or a reader in its way, harms nothing.
  if (!done && (done.error().kind == Kind::full || done.error().kind == Kind::transient)) return {};
  return done;
}

std::optional<std::uint64_t> SpoolWriter::disk_free() const {
  if (!files_) return std::nullopt;
  return files_->disk_free();
}

Result<void> SpoolWriter::apply(ChangeWriter& writer, const SpoolChange& change) {
  auto frames = db_->transaction(sql::kBeginWrite, [&] { return writer.apply(change); });
  if (!frames) return failed(frames);
  frame_bytes_ = *frames;
  dropped_.insert(dropped_.end(), writer.dropped().begin(), writer.dropped().end());
  return {};
}

/// Gives SQLite the reserve, and the room that the WAL takes: the file itself has been allocated for what is in it.
/// Whether that helped, the next try will tell.
void SpoolWriter::free_the_disk() {
  if (files_) files_->release_reserve();
  (void)db_->checkpoint(Connection::Wal::truncate);
}

/// Drops twice what the change takes, once for the WAL and once for the file, and hands half of it to the file system.
/// What is more important than the change stays: the change has to be dropped then.
Result<void> SpoolWriter::drop_on_full_disk(const SpoolChange& change) {
  const std::uint64_t wanted = disk_bytes(bytes_added(change));
  ChangeWriter writer(*db_, options_, frame_bytes_, std::nullopt);
  auto done = db_->transaction(sql::kBeginWrite, [&] { return writer.drop_for(change); });
  if (!done) return done;
  dropped_.insert(dropped_.end(), writer.dropped().begin(), writer.dropped().end());
  for (std::uint64_t given = 0; given < wanted; given += 32 * 4096) {
    if (!db_->run_script(kShrinkSmallStep)) break;
    (void)db_->checkpoint(Connection::Wal::truncate);
  }
  return {};
}

Result<std::vector<DropRecord>> SpoolWriter::commit(const SpoolChange& change) {
  ChangeWriter first(*db_, options_, frame_bytes_, disk_free());
  auto done = apply(first, change);
  if (!done && done.error().kind == Kind::full && !first.out_of_bounds()) done = commit_on_full_disk(change);
  // What a first try has dropped to make room is gone, and is told of with the try that succeeds.
  if (!done) return failed(done);
  tidy();
  return std::exchange(dropped_, {});
}

/// The file system, or a quota, has refused to give what it seemed to have. Often it is the WAL that cannot grow, and
/// beginning it anew suffices. With `block` the reserve stays: it is there for the deletions that will end this.
Result<void> SpoolWriter::commit_on_full_disk(const SpoolChange& change) {
  (void)db_->checkpoint(Connection::Wal::keep);
  ChangeWriter second(*db_, options_, frame_bytes_, disk_free());
  auto done = apply(second, change);
  if (done || done.error().kind != Kind::full || options_.when_full == WhenFull::block) return done;

  free_the_disk();
  if (options_.when_full == WhenFull::drop_oldest) {
    if (auto made = drop_on_full_disk(change); !made) return made;
  }
  SpoolOptions now = options_;
  now.free_bytes_min = 0;
  ChangeWriter third(*db_, now, frame_bytes_, 0);
  return apply(third, change);
}

/// What may fail without harm, and will be tried again by the next change.
void SpoolWriter::tidy() {
  if (files_) files_->restore_reserve();
  const auto inside = db_->pages_in_bytes(sql::kFreePages);
  if (!inside || *inside <= kFreeInsideMaxWhenShort) return;
  const auto whole = db_->pages_in_bytes(sql::kPageCount);
  if (!whole) return;
  const auto free = disk_free();
  const bool much = *inside > kFreeInsideMax && *inside > *whole / 2;
  const bool is_short = free && *free < options_.free_bytes_min;
  if (much || is_short) (void)db_->run_script(kShrinkStep);
}

}  // namespace edgeseal::storage
