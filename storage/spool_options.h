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

}  // namespace edgeseal::storage
