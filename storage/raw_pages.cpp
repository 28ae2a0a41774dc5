// SPDX-License-Identifier: GPL-3.0-or-later
// Sections of https://www.sqlite.org/fileformat2.html are named where they are followed.
#include "storage/raw_pages.h"

#include <algorithm>
#include <limits>

namespace edgeseal::storage {
namespace {

// 1.3, The Database Header: offsets in page 1.
constexpr std::size_t kPageCountAt = 28;
constexpr std::size_t kFirstTrunkAt = 32;
// 1.5, The Freelist: next trunk, count, then that many page numbers.
constexpr std::uint32_t kTrunkLeavesMax = kPageSize / 4 - 2;
// 1.8, Pointer Map Pages: five bytes a page, the first its type; each map page is followed by the pages it tells of.
constexpr std::uint32_t kMapEntrySize = 5;
constexpr std::uint32_t kMapEntries = kPageSize / kMapEntrySize;
constexpr std::uint8_t kMapTypeFree = 2;
// 1.4, The Lock-Byte Page: at 1 GiB.
constexpr std::uint32_t kLockPage = (1U << 30) / kPageSize + 1;

std::uint32_t map_of(std::uint32_t page) {
  const std::uint32_t map = (page - 2) / (kMapEntries + 1) * (kMapEntries + 1) + 2;
  return map == kLockPage ? map + 1 : map;
}

}  // namespace

RawPages::RawPages(const std::filesystem::path& path, const std::filesystem::path& wal)
    : file_(RawFile::open(path)), wal_file_(RawFile::open(wal)) {
  const Wal log = read_wal(wal);
  std::size_t committed = 0;
  for (std::size_t i = 0; i < log.frames.size(); ++i) {
    if (log.frames[i].commit && log.frames[i].sound) committed = i + 1;
  }
  for (std::size_t i = 0; i < log.frames.size(); ++i) {
    const WalFrame& frame = log.frames[i];
    newest_[frame.page] = frame.offset;
    if (frame.sound && i < committed) sound_[frame.page] = frame.offset;
  }
  in_doubt_ = sound_ != newest_;
  // A frame's page number may be damaged: the file cannot have grown by more pages than there are frames.
  const std::uint64_t in_file = file_ ? (file_->size() + kPageSize - 1) / kPageSize : 0;
  count_ = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(in_file + log.frames.size(), std::numeric_limits<std::uint32_t>::max() - 1));
  read_free_list();
}

bool RawPages::read(std::uint32_t page, Overlay overlay, Page& out) const {
  if (page == 0 || page > count_) return false;
  const auto& versions = overlay == Overlay::sound ? sound_ : newest_;
  if (const auto found = versions.find(page); found != versions.end()) return wal_file_->read(found->second, out);
  const std::uint64_t offset = std::uint64_t{page - 1} * kPageSize;
  return file_ && offset < file_->size() && file_->read(offset, out);
}

bool RawPages::is_map(std::uint32_t page) { return page == kLockPage || (page >= 2 && map_of(page) == page); }

bool RawPages::map_says_free(std::uint32_t page) const {
  Page map;
  if (page < 3 || is_map(page) || !read(map_of(page), Overlay::sound, map)) return false;
  const std::size_t entry = std::size_t{page - map_of(page) - 1} * kMapEntrySize;
  return entry < map.size() && map[entry] == kMapTypeFree;
}

void RawPages::read_free_list() {
  Page page;
  if (!read(1, Overlay::sound, page)) return;
  const std::uint32_t end = read_u32(ByteView(page).subspan(kPageCountAt));
  if (end <= count_) end_ = end;
  std::uint32_t trunk = read_u32(ByteView(page).subspan(kFirstTrunkAt));
  std::unordered_set<std::uint32_t> seen;
  while (trunk != 0 && seen.insert(trunk).second && read(trunk, Overlay::sound, page)) {
    if (map_says_free(trunk)) free_.insert(trunk);
    const ByteView bytes(page);
    const std::uint32_t leaves = std::min(read_u32(bytes.subspan(4)), kTrunkLeavesMax);
    for (std::uint32_t i = 0; i < leaves; ++i) {
      const std::uint32_t leaf = read_u32(bytes.subspan(8 + std::size_t{i} * 4));
      if (map_says_free(leaf)) free_.insert(leaf);
    }
    trunk = read_u32(bytes);
  }
}

}  // namespace edgeseal::storage
