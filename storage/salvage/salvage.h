// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a new spool of what is sound in a broken one: docs/spool-format.md, "When the file is broken".
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "storage/spool_options.h"

namespace edgeseal::storage {

/// What a salvage found. Batches and frames that are damaged count as such where they could still be told apart; what a
/// damaged page held besides cannot be counted, and each route's drop "spool_damaged" stands for it.
struct SalvageReport {
  std::filesystem::path damaged;  ///< where the broken file lies now; its -wal beside it
  bool id_kept = false;           ///< otherwise the spool has a new id, and all chains begin anew
  std::vector<RouteName> routes;  ///< all that were found; of one that is missing nothing was left, not even its tip
  std::uint64_t batches_kept = 0;
  std::uint64_t batches_damaged = 0;
  std::uint64_t frames_kept = 0;
  std::uint64_t frames_damaged = 0;  ///< sound ones whose journal was lost included: nothing can open those
  /// Pages of the file that do not account for all that they hold, and frames of the log that no checksum proves.
  std::uint64_t pages_damaged = 0;

  /// One line for the log.
  [[nodiscard]] std::string text() const;
};

/// Puts the broken spool aside and a new one in its place, with every batch and frame that matches its digest. To be
/// called when Spool::open, or any later call, has failed with Kind::corrupt, and the Spool is gone, with
/// every SpoolView of this process. Then Spool::open
/// succeeds. The broken file is kept as `<path>.damaged`, in place of an earlier one.
///
/// What was lost is recorded, stamped `now`: a drop "damaged" for each batch and frame that can still be named, and one
/// "spool_damaged" (sequence 0, records 0: unknown) for each route that was found, and for each of `routes`. What is
/// delivered may come back and be delivered again, under the same name; what is not delivered is never left out if it
/// is sound.
///
/// A process killed at any point leaves a state that Spool::open, or this, completes.
/// Memory: one object, and a few hundred bytes a batch or frame. `random` is used during this call alone. No VFS of a
/// test. Fails with Kind::full when the disk has no room for a second copy, Kind::invalid when the file is not a spool,
/// is of a newer edgeseal or is held by another process, Kind::fault when the disk fails. All is left in place then.
[[nodiscard]] Result<SalvageReport> salvage(const SpoolOptions& options, Random& random, WallTime now,
                                            HashFunction sha256, const std::vector<RouteName>& routes = {});

}  // namespace edgeseal::storage
