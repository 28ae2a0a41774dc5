// SPDX-License-Identifier: GPL-3.0-or-later
// Applies a SpoolChange under the bounds, inside a transaction that the caller has begun.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/base/result.h"
#include "storage/bounds.h"
#include "storage/spool_options.h"
#include "storage/spool_tables.h"
#include "storage/spool_types.h"
#include "storage/sqlite.h"

namespace edgeseal::storage {

/// Sealed bytes that the change would add.
[[nodiscard]] std::uint64_t bytes_added(const SpoolChange& change);

/// One use, one change. Borrows everything it is given.
class ChangeWriter {
 public:
  /// `frame_bytes`: bytes of all journal frames held. `disk_free`: bytes that the file system has left, nothing when it
  /// is not to be asked.
  ChangeWriter(Connection& db, const SpoolOptions& options, std::uint64_t frame_bytes,
               std::optional<std::uint64_t> disk_free)
      : db_(db), tables_(db), options_(options), frame_bytes_(frame_bytes), disk_free_(disk_free) {}

  /// As Spool::commit promises. Returns the bytes of all journal frames held after it.
  [[nodiscard]] Result<std::uint64_t> apply(const SpoolChange& change);

  /// The batches that apply() or drop() had to drop. Counts once the transaction has been committed.
  [[nodiscard]] const std::vector<DropRecord>& dropped() const { return dropped_; }

  /// Whether it was the bounds that failed apply(), rather than the disk.
  [[nodiscard]] bool out_of_bounds() const { return out_of_bounds_; }

  /// Drops at least `bytes` of batches, as far as there are any.
  [[nodiscard]] Result<void> drop(std::uint64_t bytes, const SpoolChange& change);

 private:
  [[nodiscard]] Result<Room> room_for(std::uint64_t added, std::uint64_t ended);
  [[nodiscard]] Result<std::uint64_t> bytes_ended(const SpoolChange& change);
  [[nodiscard]] Result<void> make_room(const SpoolChange& change);
  /// False when drop_newest is to refuse what `added` bytes are; true when they may come, and the file has room for
  /// them.
  [[nodiscard]] Result<bool> admit(std::uint64_t added, std::uint64_t ended);
  /// The spool file, as the change has left it so far.
  struct File {
    std::uint64_t bytes = 0;
    std::uint64_t free_inside = 0;  ///< of them, in pages that hold nothing
  };
  [[nodiscard]] Result<File> file();
  [[nodiscard]] Result<void> record(DropRecord lost);
  [[nodiscard]] Result<void> add(const JournalStart& journal);
  [[nodiscard]] Result<void> add(const JournalFrame& frame);
  [[nodiscard]] Result<void> add(const SealedBatch& batch);

  Connection& db_;
  SpoolTables tables_;
  const SpoolOptions& options_;
  std::uint64_t frame_bytes_;
  std::optional<std::uint64_t> disk_free_;
  std::optional<File> file_;  ///< none once something has been written since it was measured
  std::uint64_t file_bytes_before_ = 0;
  bool out_of_bounds_ = false;
  std::vector<DropRecord> dropped_;
};

}  // namespace edgeseal::storage
