// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite's write-ahead log, read raw. SQLite takes it up to the first frame that does not match its checksum and says
// nothing of what comes after; here each frame is judged by itself.
// Source: https://www.sqlite.org/fileformat2.html, section 4, The Write-Ahead Log.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace edgeseal::storage {

/// Bytes of a page: ours alone, whatever a damaged header says.
inline constexpr std::size_t kPageSize = 4096;

/// One version of one page.
struct WalFrame {
  std::uint32_t page = 0;    ///< as written: may be anything, 0 too, when the frame is not sound
  std::uint64_t offset = 0;  ///< of the page's bytes in the log
  bool commit = false;       ///< a transaction ends with it
  /// Its page, its mark and its bytes are proved by a checksum: its own, or if that is damaged, the next frame's.
  bool sound = false;
};

struct Wal {
  std::vector<WalFrame> frames;  ///< of the log's present round, in order, sound or not
  /// SQLite would leave out a transaction that had been synced: one that it cannot reach, whole or damaged, is followed
  /// by another, which is written only after the sync of the first. The last transaction's own loss cannot be told from
  /// a power cut.
  bool commits_unreachable = false;
};

/// Nothing for a log that is missing, empty, or cannot be read.
[[nodiscard]] Wal read_wal(const std::filesystem::path& path);

}  // namespace edgeseal::storage
