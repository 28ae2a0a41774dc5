// SPDX-License-Identifier: GPL-3.0-or-later
// The one connection that writes to a spool, and how a change gets onto a full disk.
#pragma once
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "storage/change_writer.h"
#include "storage/spool_files.h"
#include "storage/spool_options.h"
#include "storage/spool_tables.h"
#include "storage/spool_types.h"
#include "storage/sqlite.h"

namespace edgeseal::storage {

/// What Spool guards. Threads: one at a time. Errors: those of Spool.
class SpoolWriter {
 public:
  /// As Spool::open promises.
  [[nodiscard]] static Result<SpoolWriter> open(const SpoolOptions& options, Random& random);
  /// The file is no longer in use: to be called last.
  void close();

  [[nodiscard]] const SpoolId& id() const { return id_; }
  [[nodiscard]] bool wal_was_lost() const { return wal_was_lost_; }
  /// Journals up to this row were there when the spool was opened.
  [[nodiscard]] std::int64_t leftover_row_max() const { return leftover_row_max_; }
  [[nodiscard]] bool could_hold(std::uint64_t bytes) const;

  /// To read from; a change goes through the functions below.
  [[nodiscard]] SpoolTables tables() { return SpoolTables(*db_); }
  [[nodiscard]] Result<std::vector<DropRecord>> commit(const SpoolChange& change);
  /// A small change that must be possible on a full disk as well: `work()` in a transaction of its own.
  template <typename Work>
  [[nodiscard]] std::invoke_result_t<Work> change(Work work) {
    auto done = db_->transaction(sql::kBeginWrite, work);
    if (!done && done.error().kind == Kind::full) {
      free_the_disk();
      done = db_->transaction(sql::kBeginWrite, work);
    }
    if (done) tidy();
    return done;
  }

 private:
  explicit SpoolWriter(SpoolOptions options) : options_(std::move(options)) {}
  /// Syncs what an earlier process had written, and not yet synced, when it died. From now on it is seen and may be
  /// delivered, so it must not go with a power cut: another batch would take its place in the chain.
  [[nodiscard]] Result<void> settle();
  /// `had_wal`: there was a log before the file was opened.
  [[nodiscard]] Result<void> load(bool had_wal);
  [[nodiscard]] std::optional<std::uint64_t> disk_free() const;
  [[nodiscard]] Result<void> apply(ChangeWriter& writer, const SpoolChange& change);
  void free_the_disk();
  [[nodiscard]] Result<void> commit_on_full_disk(const SpoolChange& change);
  [[nodiscard]] Result<void> drop_on_full_disk(const SpoolChange& change);
  void tidy();

  SpoolOptions options_;
  std::optional<SpoolFiles> files_;  ///< none with a VFS of a test
  std::unique_ptr<Connection> db_;
  SpoolId id_;
  std::uint64_t frame_bytes_ = 0;
  std::int64_t leftover_row_max_ = 0;
  bool wal_was_lost_ = false;        ///< found when it was opened
  std::vector<DropRecord> dropped_;  ///< by the commit under way
};

}  // namespace edgeseal::storage
