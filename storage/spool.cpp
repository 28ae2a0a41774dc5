// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "crypto/base/guarded.h"
#include "storage/change_writer.h"
#include "storage/spool_check.h"
#include "storage/spool_files.h"
#include "storage/spool_schema.h"
#include "storage/spool_sql.h"
#include "storage/spool_tables.h"
#include "storage/sqlite.h"

namespace edgeseal::storage {
namespace {

// The file shrinks by 1 MiB a change while it has this much free inside, and that is half of it; or, once the file
// system is short, while it has the lesser. So a live page is moved seldom, and no change waits long.
constexpr std::uint64_t kFreeInsideMax = std::uint64_t{16} << 20;
constexpr std::uint64_t kFreeInsideMaxWhenShort = std::uint64_t{1} << 20;
constexpr const char* kShrinkStep = "PRAGMA incremental_vacuum(256)";
constexpr const char* kShrinkSmallStep = "PRAGMA incremental_vacuum(32)";

/// Everything that the lock guards.
struct Writer {
  SpoolOptions options;
  std::optional<SpoolFiles> files;  ///< none with a VFS of a test
  std::unique_ptr<Connection> db;
  std::uint64_t frame_bytes = 0;
  std::int64_t leftover_row_max = 0;  ///< journals up to this row were there when the spool was opened
  bool wal_was_lost = false;          ///< found when it was opened
  std::vector<DropRecord> dropped;    ///< by the commit under way

  /// `had_wal`: there was a log before the file was opened.
  [[nodiscard]] Result<void> load(bool had_wal);
  /// Syncs what an earlier process had written, and not yet synced, when it died. From now on it is seen and may be
  /// delivered, so it must not go with a power cut: another batch would take its place in the chain.
  [[nodiscard]] Result<void> settle();
  [[nodiscard]] Result<std::vector<DropRecord>> commit(const SpoolChange& change);
  /// A small change that must be possible on a full disk as well.
  template <typename Work>
  [[nodiscard]] std::invoke_result_t<Work> change(Work work);

 private:
  [[nodiscard]] std::optional<std::uint64_t> disk_free() const;
  [[nodiscard]] Result<void> apply(ChangeWriter& writer, const SpoolChange& change);
  void free_the_disk();
  [[nodiscard]] Result<void> commit_on_full_disk(const SpoolChange& change);
  [[nodiscard]] Result<void> drop_on_full_disk(const SpoolChange& change);
  void tidy();
};

Result<void> Writer::load(bool had_wal) {
  auto lost = change([&] { return mark_in_use(*db, had_wal); });
  if (!lost) return failed(lost);
  wal_was_lost = *lost;
  // If it fails, the mark is in the log alone for a while, and a lost log would not be noticed: no reason not to start.
  auto moved = db->checkpoint(Connection::Wal::keep);
  if (!moved && moved.error().kind == Kind::corrupt) return moved;
  SpoolTables tables(*db);
  auto newest = tables.newest();
  if (!newest) return failed(newest);
  auto ended = change([&] { return tables.end_empty_journals(*newest); });
  if (!ended) return ended;
  auto bytes = tables.frame_bytes();
  if (!bytes) return failed(bytes);
  frame_bytes = *bytes;
  auto row = tables.newest_journal();
  if (!row) return failed(row);
  leftover_row_max = *row;
  return {};
}

Result<void> Writer::settle() {
  auto done = db->checkpoint(Connection::Wal::keep);
  // A checkpoint begins with the sync. No room in the file for the rest, or a reader in its way, harms nothing.
  if (!done && (done.error().kind == Kind::full || done.error().kind == Kind::transient)) return {};
  return done;
}

std::optional<std::uint64_t> Writer::disk_free() const {
  if (!files) return std::nullopt;
  return files->disk_free();
}

Result<void> Writer::apply(ChangeWriter& writer, const SpoolChange& change) {
  auto frames = db->transaction(sql::kBeginWrite, [&] { return writer.apply(change); });
  if (!frames) return failed(frames);
  frame_bytes = *frames;
  dropped.insert(dropped.end(), writer.dropped().begin(), writer.dropped().end());
  return {};
}

/// Gives SQLite the reserve, and the room that the WAL takes: the file itself has been allocated for what is in it.
/// Whether that helped, the next try will tell.
void Writer::free_the_disk() {
  if (files) files->release_reserve();
  (void)db->checkpoint(Connection::Wal::truncate);
}

/// Drops twice what the change takes, once for the WAL and once for the file, and hands half of it to the file system.
/// What is more important than the change stays: the change has to be dropped then.
Result<void> Writer::drop_on_full_disk(const SpoolChange& change) {
  const std::uint64_t wanted = disk_bytes(bytes_added(change));
  ChangeWriter writer(*db, options, frame_bytes, std::nullopt);
  auto done = db->transaction(sql::kBeginWrite, [&] { return writer.drop_for(change); });
  if (!done) return done;
  dropped.insert(dropped.end(), writer.dropped().begin(), writer.dropped().end());
  for (std::uint64_t given = 0; given < wanted; given += 32 * 4096) {
    if (!db->run_script(kShrinkSmallStep)) break;
    (void)db->checkpoint(Connection::Wal::truncate);
  }
  return {};
}

Result<std::vector<DropRecord>> Writer::commit(const SpoolChange& change) {
  ChangeWriter first(*db, options, frame_bytes, disk_free());
  auto done = apply(first, change);
  if (!done && done.error().kind == Kind::full && !first.out_of_bounds()) done = commit_on_full_disk(change);
  // What a first try has dropped to make room is gone, and is told of with the try that succeeds.
  if (!done) return failed(done);
  tidy();
  return std::exchange(dropped, {});
}

/// The file system, or a quota, has refused to give what it seemed to have. Often it is the WAL that cannot grow, and
/// beginning it anew suffices. With `block` the reserve stays: it is there for the deletions that will end this.
Result<void> Writer::commit_on_full_disk(const SpoolChange& change) {
  (void)db->checkpoint(Connection::Wal::keep);
  ChangeWriter second(*db, options, frame_bytes, disk_free());
  auto done = apply(second, change);
  if (done || done.error().kind != Kind::full || options.when_full == WhenFull::block) return done;

  free_the_disk();
  if (options.when_full == WhenFull::drop_oldest) {
    if (auto made = drop_on_full_disk(change); !made) return made;
  }
  SpoolOptions now = options;
  now.free_bytes_min = 0;
  ChangeWriter third(*db, now, frame_bytes, 0);
  return apply(third, change);
}

template <typename Work>
std::invoke_result_t<Work> Writer::change(Work work) {
  auto done = db->transaction(sql::kBeginWrite, work);
  if (!done && done.error().kind == Kind::full) {
    free_the_disk();
    done = db->transaction(sql::kBeginWrite, work);
  }
  if (done) tidy();
  return done;
}

/// What may fail without harm, and will be tried again by the next change.
void Writer::tidy() {
  if (files) files->restore_reserve();
  const auto inside = db->pages_in_bytes(sql::kFreePages);
  if (!inside || *inside <= kFreeInsideMaxWhenShort) return;
  const auto whole = db->pages_in_bytes(sql::kPageCount);
  if (!whole) return;
  const auto free = disk_free();
  const bool much = *inside > kFreeInsideMax && *inside > *whole / 2;
  const bool is_short = free && *free < options.free_bytes_min;
  if (much || is_short) (void)db->run_script(kShrinkStep);
}

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

struct Spool::Parts {
  SpoolId id;
  Guarded<Writer> writer;
};

Spool::Spool(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Spool::~Spool() {
  parts_->writer.with([](Writer& writer) { mark_closed(*writer.db); });
}

Result<std::unique_ptr<Spool>> Spool::open(const SpoolOptions& options, Random& random) {
  Writer writer{.options = options,
                .files = {},
                .db = {},
                .frame_bytes = 0,
                .leftover_row_max = 0,
                .wal_was_lost = false,
                .dropped = {}};
  if (options.vfs.empty()) {
    auto files = SpoolFiles::claim(options.path);
    if (!files) return failed(files, "open the spool");
    writer.files.emplace(std::move(*files));
  }
  const bool had_wal = !options.vfs.empty() || has_wal(options.path);
  auto db = connect(options, random);
  if (!db && db.error().kind == Kind::full && writer.files && writer.files->release_reserve()) {
    db = connect(options, random);
  }
  if (!db) return failed(db, "open the spool");
  writer.db = std::move(*db);
  auto id = read_spool_id(*writer.db);
  if (!id) return failed(id, "open the spool");
  if (auto settled = writer.settle(); !settled) return failed(settled, "open the spool");
  if (auto loaded = writer.load(had_wal); !loaded) return failed(loaded, "open the spool");
  if (writer.files) {
    if (auto synced = writer.files->sync_folder(); !synced) return failed(synced, "open the spool");
  }
  return std::unique_ptr<Spool>(
      new Spool(std::unique_ptr<Parts>(new Parts{.id = *id, .writer = Guarded<Writer>(std::move(writer))})));
}

const SpoolId& Spool::id() const { return parts_->id; }

bool Spool::wal_was_lost() const {
  return parts_->writer.with([](Writer& writer) { return writer.wal_was_lost; });
}

Result<ChainTip> Spool::tip(const RouteName& route) const {
  return parts_->writer.with([&](Writer& writer) { return SpoolTables(*writer.db).tip(route); });
}

Result<std::vector<DropRecord>> Spool::commit(const SpoolChange& change) {
  return parts_->writer.with([&](Writer& writer) { return writer.commit(change); });
}

bool Spool::could_hold(std::uint64_t bytes) const {
  return parts_->writer.with([&](Writer& writer) {
    if (bytes > writer.options.bytes_max) return false;
    const auto disk = writer.files ? writer.files->disk_size() : std::nullopt;
    return !disk || disk_bytes(bytes) + writer.options.free_bytes_min <= *disk;
  });
}

Result<WallTime> Spool::newest() const {
  return parts_->writer.with([&](Writer& writer) { return SpoolTables(*writer.db).newest(); });
}

Result<std::vector<LeftoverJournal>> Spool::leftover_journals() const {
  return parts_->writer.with(
      [&](Writer& writer) { return SpoolTables(*writer.db).journals_up_to(writer.leftover_row_max); });
}

Result<std::vector<DropRecord>> Spool::unreported_drops(const RouteName& route) const {
  return parts_->writer.with([&](Writer& writer) { return SpoolTables(*writer.db).unreported_drops(route); });
}

Result<std::vector<DropRecord>> Spool::hand_out_drops(const RouteName& route) {
  return parts_->writer.with([&](Writer& writer) { return SpoolTables(*writer.db).hand_out_drops(route); });
}

Result<void> Spool::confirm(const SinkName& sink, std::int64_t batch_row) {
  return parts_->writer.with(
      [&](Writer& writer) { return writer.change([&] { return SpoolTables(*writer.db).confirm(sink, batch_row); }); });
}

Result<void> Spool::record_attempt(const SinkName& sink, std::int64_t batch_row, const std::string& why) {
  return parts_->writer.with([&](Writer& writer) {
    return writer.change([&] { return SpoolTables(*writer.db).record_attempt(sink, batch_row, why); });
  });
}

Result<void> Spool::quarantine(const SinkName& sink, std::int64_t batch_row, const std::string& why) {
  return parts_->writer.with([&](Writer& writer) {
    return writer.change([&] { return SpoolTables(*writer.db).quarantine(sink, batch_row, why); });
  });
}

Result<std::uint64_t> Spool::expire(const RouteName& route, const SealedSpan& span, WallTime now) {
  return parts_->writer.with([&](Writer& writer) {
    return writer.change([&] { return SpoolTables(*writer.db).expire(route, span, now, kExpiredMax); });
  });
}

Result<void> Spool::drop_damaged(std::int64_t batch_row) {
  return parts_->writer.with(
      [&](Writer& writer) { return writer.change([&] { return SpoolTables(*writer.db).drop_damaged(batch_row); }); });
}

Result<SourceMark> Spool::source_mark(const std::string& source) const {
  return parts_->writer.with([&](Writer& writer) { return SpoolTables(*writer.db).source_mark(source); });
}

Result<std::vector<std::string>> Spool::subscriptions(const std::string& source) const {
  return parts_->writer.with([&](Writer& writer) { return SpoolTables(*writer.db).subscriptions(source); });
}

Result<void> Spool::set_subscriptions(const std::string& source, const std::vector<std::string>& filters) {
  return parts_->writer.with([&](Writer& writer) {
    return writer.change([&] { return SpoolTables(*writer.db).set_subscriptions(source, filters); });
  });
}

Result<std::uint64_t> Spool::keep_sinks(const std::vector<SinkName>& configured) {
  return parts_->writer.with(
      [&](Writer& writer) { return writer.change([&] { return SpoolTables(*writer.db).keep_sinks(configured); }); });
}

}  // namespace edgeseal::storage
