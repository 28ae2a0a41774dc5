// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a change fits into the spool, and what gives way when it does not. Pure arithmetic.
#pragma once
#include <cstdint>
#include <optional>

#include "storage/spool_options.h"

namespace edgeseal::storage {

/// What the decision rests on; all in bytes.
struct Room {
  std::uint64_t held = 0;       ///< sealed bytes in the spool now
  std::uint64_t droppable = 0;  ///< of them in batches: what drop_oldest may delete
  std::uint64_t added = 0;      ///< sealed bytes that the change adds
  std::uint64_t ended = 0;      ///< sealed bytes of journals that the change ends
  /// Free bytes of the file system, and of the spool file inside itself. Nothing when they are not to be asked.
  std::optional<std::uint64_t> disk_free;
};

enum class Verdict {
  fits,    ///< go on
  drop,    ///< go on once `Decision::bytes_to_drop` of batches are gone, or this itself if those are more important
  refuse,  ///< drop_newest: record it as dropped; otherwise fail with Kind::full
};

struct Decision {
  Verdict verdict = Verdict::fits;
  std::uint64_t bytes_to_drop = 0;
  auto operator<=>(const Decision&) const = default;
};

/// Bytes of disk that `bytes` of frames and batches take at most: pages, links between them, indexes.
[[nodiscard]] std::uint64_t disk_bytes(std::uint64_t bytes);

/// A change that makes the spool no larger always fits: closing a batch must not fail because its journal filled the
/// spool. bytes_max bounds what is held after the change; free_bytes_min what the disk has left after it.
[[nodiscard]] Decision decide(const SpoolOptions& options, const Room& room);

}  // namespace edgeseal::storage
