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

/// A batch that no sink waits for takes no room: it is recorded as dropped.
[[nodiscard]] std::uint64_t stored_bytes(const SealedBatch& batch);
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

  /// The disk has no room for the change: drops batches that its parts outrank, or are newer than, of twice the bytes
  /// of disk that these parts take.
  [[nodiscard]] Result<void> drop_for(const SpoolChange& change);

 private:
  static constexpr int kPriorityMax = 9;
  /// What counts as given up when `batch` ends a journal of `held` bytes. A promoted journal is these bytes and the
  /// header that its frames share: it counts as no larger, or a spool that is full could never be opened again.
  [[nodiscard]] static std::uint64_t bytes_given_up(const SealedBatch& batch, std::uint64_t held);
  [[nodiscard]] Result<Room> room_for(std::uint64_t added, std::uint64_t ended);
  [[nodiscard]] Result<std::uint64_t> bytes_ended(const SpoolChange& change);
  /// What a change has of one route.
  struct Turn {
    RouteName route;
    int priority = 0;         ///< the highest of its frames and batches
    std::uint64_t added = 0;  ///< bytes
    std::uint64_t ended = 0;
    std::vector<const JournalFrame*> frames{};  ///< of the change, as are these
    std::vector<const SealedBatch*> batches{};
  };
  /// In the order in which room is given: who needs no more than it ends, then by priority. Journals must be there.
  [[nodiscard]] Result<std::vector<Turn>> turns(const SpoolChange& change);
  /// Whether all of the change finds room as things are. With `block` it fails otherwise.
  [[nodiscard]] Result<bool> fits_whole(const SpoolChange& change);
  [[nodiscard]] Result<bool> make_room(std::uint64_t bytes, int priority);
  [[nodiscard]] Result<void> set_dropped_time(const SpoolChange& change);
  [[nodiscard]] Result<void> drop(const std::vector<StoredBatch>& batches);
  [[nodiscard]] tl::unexpected<Error> out_of_room(std::uint64_t added);
  /// False when what `added` bytes are is to be dropped itself: with drop_newest because there is no room, with
  /// drop_oldest because only more important batches could give way. True when they may come, and the file has room.
  [[nodiscard]] Result<bool> admit(std::uint64_t added, std::uint64_t ended, int priority);
  /// The spool file, as the change has left it so far.
  struct File {
    std::uint64_t bytes = 0;
    std::uint64_t free_inside = 0;  ///< of them, in pages that hold nothing
  };
  [[nodiscard]] Result<File> file();
  [[nodiscard]] Result<void> record(DropRecord lost);
  /// Frames and batches as they come; or of each route in its turn if not all find room.
  [[nodiscard]] Result<void> add_all(const SpoolChange& change);
  [[nodiscard]] Result<void> add_by_turns(const SpoolChange& change);
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
  bool judge_each_ = true;  ///< frame and batch by itself, for not all find room as things are
  WallTime dropped_time_;   ///< of what has to give way
  std::vector<DropRecord> dropped_;
};

}  // namespace edgeseal::storage
