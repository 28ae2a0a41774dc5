// SPDX-License-Identifier: GPL-3.0-or-later
// Options of the spool, filled by config.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace edgeseal::storage {

enum class WhenFull {
  drop_oldest,  ///< delete the oldest batches, lowest priority first
  drop_newest,  ///< refuse what comes: its records are acknowledged, counted and recorded as dropped
  block,        ///< hold acknowledgements until there is room: the broker queues
};

struct SpoolOptions {
  std::filesystem::path path = "/var/lib/edgeseal/spool.db";
  /// Bound of sealed bytes in the spool. More keeps longer outages and takes as much disk.
  std::uint64_t bytes_max = std::uint64_t{2} << 30;
  /// Bytes of the file system that the spool leaves free for others.
  std::uint64_t free_bytes_min = std::uint64_t{256} << 20;
  WhenFull when_full = WhenFull::drop_oldest;
  /// Name of a registered SQLite VFS; empty for the system's. Tests lay a faulty disk under SQLite with it.
  std::string vfs{};
};

/// The largest bound that a batch may have, and the largest message that a source may take, in a spool of so many
/// bytes: a quarter. A batch is at most its bound and one message more, so it fits into the spool whatever else waits
/// there to be dropped or delivered. One that did not fit would be tried for ever, and would hold up all that come
/// after it.
[[nodiscard]] constexpr std::uint64_t spool_share(std::uint64_t spool_bytes_max) { return spool_bytes_max / 4; }

}  // namespace edgeseal::storage
