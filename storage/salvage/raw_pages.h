// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of a spool file, overlaid with those of its write-ahead log, without SQLite.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

#include "storage/raw_file.h"
#include "storage/wal_scan.h"

namespace edgeseal::storage {

using Page = std::array<std::uint8_t, kPageSize>;

/// Which versions of the log's pages are taken. Each is one way in which the file may have looked; none is the truth
/// for sure once something is damaged.
enum class Overlay {
  sound,    ///< the newest that a checksum proves and that were committed
  written,  ///< the newest that a checksum proves: a damaged mark may have kept them from being committed
  newest,   ///< the newest, proved or not: what a damaged frame held
};
inline constexpr std::array kOverlays{Overlay::sound, Overlay::written, Overlay::newest};

/// Threads: one at a time. Bounds: an entry for each page in the log, and for each free page, in each overlay.
class RawPages {
 public:
  /// `wal` is the log beside it. A file that is missing has no pages.
  RawPages(const std::filesystem::path& path, const std::filesystem::path& wal);

  /// Pages have numbers from 1 to this. The last are the log's unproved frames once more, each in a place of its own in
  /// Overlay::newest: the page number that such a frame has may be what is damaged.
  [[nodiscard]] std::uint32_t count() const { return count_ + static_cast<std::uint32_t>(unproved_.size()); }
  /// How many frames of the log no checksum proves.
  [[nodiscard]] std::uint64_t unproved() const { return unproved_.size(); }
  /// Whether it differs from those before it; the first always does.
  [[nodiscard]] bool differs(Overlay overlay) const;
  /// False when there is no such page or the disk does not give it.
  [[nodiscard]] bool read(std::uint32_t page, Overlay overlay, Page& out) const;

  /// The page holds no rows: this overlay's list of free pages has it, and its pointer map says so too.
  [[nodiscard]] bool is_free(std::uint32_t page, Overlay overlay) const;
  /// Only one of the two says so: the other is damaged, and rows that stand there may be stale.
  [[nodiscard]] bool may_be_free(std::uint32_t page, Overlay overlay) const;
  /// Part of the pointer map, which auto-vacuum keeps, or the page that SQLite leaves to locks.
  [[nodiscard]] bool is_map(std::uint32_t page) const;
  /// A log's frame by itself: what stands there may be no page of rows at all.
  [[nodiscard]] bool is_unproved(std::uint32_t page) const { return page > count_; }
  /// How late it was written: its place in the log, or 0 when it is of the file.
  [[nodiscard]] std::uint64_t written(std::uint32_t page, Overlay overlay) const;
  /// The file is longer than what it says is in use; what stands there may be stale.
  [[nodiscard]] bool is_past_end(std::uint32_t page, Overlay overlay) const;

 private:
  struct View {
    std::map<std::uint32_t, std::uint64_t> in_log;  ///< page to offset in the log
    std::unordered_set<std::uint32_t> listed;       ///< as free
    std::unordered_set<std::uint32_t> mapped;       ///< as free
    std::uint32_t end = 0;                          ///< pages in use, as the header has it unless that makes no sense
  };
  [[nodiscard]] const View& view(Overlay overlay) const { return views_[static_cast<std::size_t>(overlay)]; }
  View& view(Overlay overlay) { return views_[static_cast<std::size_t>(overlay)]; }
  void read_log(const std::vector<WalFrame>& frames);
  [[nodiscard]] std::uint32_t last_page(Overlay overlay) const;  ///< that there is
  void read_free_list(Overlay overlay);
  void read_map(Overlay overlay);

  std::optional<RawFile> file_;
  std::optional<RawFile> wal_file_;
  std::array<View, kOverlays.size()> views_;
  std::vector<std::uint64_t> unproved_;  ///< offsets in the log
  std::uint32_t count_ = 0;
};

}  // namespace edgeseal::storage
