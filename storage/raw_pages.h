// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of a spool file, overlaid with those of its write-ahead log, without SQLite.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_set>

#include "storage/raw_file.h"
#include "storage/wal_scan.h"

namespace edgeseal::storage {

using Page = std::array<std::uint8_t, kPageSize>;

/// Which versions of the log's pages are taken.
enum class Overlay {
  sound,   ///< the newest that match their checksum and were committed
  newest,  ///< the newest, sound or not: what a damaged frame held, or a damaged mark kept from being committed
};

/// Threads: one at a time. Bounds: an entry for each page in the log, and for each free page.
class RawPages {
 public:
  /// `wal` is the log beside it. A file that is missing has no pages.
  RawPages(const std::filesystem::path& path, const std::filesystem::path& wal);

  /// Pages have numbers from 1 to this.
  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// Whether the two overlays differ.
  [[nodiscard]] bool in_doubt() const { return in_doubt_; }
  /// False when there is no such page or the disk does not give it.
  [[nodiscard]] bool read(std::uint32_t page, Overlay overlay, Page& out) const;

  /// The page holds no rows: the list of free pages has it, and the pointer map says so too. One alone may be damaged.
  [[nodiscard]] bool is_free(std::uint32_t page) const { return free_.contains(page); }
  /// Part of the pointer map, which auto-vacuum keeps, or the page that SQLite leaves to locks.
  [[nodiscard]] static bool is_map(std::uint32_t page);
  /// The file is longer than what it says is in use; what stands there may be stale.
  [[nodiscard]] bool is_past_end(std::uint32_t page) const { return end_ != 0 && page > end_; }

 private:
  void read_free_list();
  [[nodiscard]] bool map_says_free(std::uint32_t page) const;

  std::optional<RawFile> file_;
  std::optional<RawFile> wal_file_;
  std::map<std::uint32_t, std::uint64_t> sound_;   ///< page to offset in the log
  std::map<std::uint32_t, std::uint64_t> newest_;  ///< the same, of all frames
  std::uint32_t count_ = 0;
  std::uint32_t end_ = 0;  ///< pages in use as the header has it; 0 when it makes no sense
  bool in_doubt_ = false;
  std::unordered_set<std::uint32_t> free_;
};

}  // namespace edgeseal::storage
