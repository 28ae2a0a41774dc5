// SPDX-License-Identifier: GPL-3.0-or-later
// Which of a route's drops become one when there are too many. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "storage/spool_types.h"

namespace edgeseal::storage {

/// Drops that become one row: the oldest of them, with what it then says; the others go.
struct DropMerge {
  DropRecord kept;
  std::vector<std::int64_t> absorbed;
};

/// The last batch that a drop stands for: of one that is not merged its only one, 0 when there was none.
[[nodiscard]] std::uint64_t last_of(const DropRecord& drop);
/// How many batches it stands for.
[[nodiscard]] std::uint64_t batches_of(const DropRecord& drop);

/// What must be merged so that at most `count_max` of these drops of one route are left, as far as they can be: like
/// goes only with like, by the reason, whether there was a batch, and whether the records were counted. Of what may be
/// merged, that goes first which loses nothing but a time: drops without a batch, and batches with no other between
/// them; then what has the fewest others between.
///
/// The records of a merged drop are the sum, its time the earliest. Its batches are never more than are known to be
/// gone: where one may have been told of twice, as a damaged batch is with each of its frames, it counts once.
/// Takes as long as sorting the drops does.
[[nodiscard]] std::vector<DropMerge> merge_drops(std::vector<DropRecord> drops, std::size_t count_max);

/// Drops that no merging can make fewer: one of each kind.
inline constexpr std::size_t kDropKinds = 4 * kDropReasons.size();
// What is handed out does not merge; the rest must find room beside it.
static_assert(kDropsReportedMax + kDropKinds <= kDropRowsMax);

}  // namespace edgeseal::storage
