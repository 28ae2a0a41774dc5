// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/bounds.h"

#include <algorithm>

namespace edgeseal::storage {

std::uint64_t disk_bytes(std::uint64_t bytes) { return bytes + bytes / 16 + (std::uint64_t{64} << 10); }

Decision decide(const SpoolOptions& options, const Room& room) {
  if (room.added <= room.ended) return {};
  const std::uint64_t growth = room.added - room.ended;
  const std::uint64_t after = room.held + growth;
  std::uint64_t missing = after > options.bytes_max ? after - options.bytes_max : 0;
  if (room.disk_free) {
    const std::uint64_t wanted = options.free_bytes_min + disk_bytes(growth);
    if (wanted > *room.disk_free) missing = std::max(missing, wanted - *room.disk_free);
  }
  if (missing == 0) return {};
  if (options.when_full != WhenFull::drop_oldest || missing > room.droppable) return {.verdict = Verdict::refuse};
  return {.verdict = Verdict::drop, .bytes_to_drop = missing};
}

}  // namespace edgeseal::storage
