// SPDX-License-Identifier: GPL-3.0-or-later
// Sections of https://www.sqlite.org/fileformat2.html are named where they are followed.
#include "storage/salvage/raw_pages.h"

#include <algorithm>
#include <iterator>
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
  read_log(log.frames);
  // A frame's page number may be damaged: the file cannot have grown by more pages than there are frames.
  const std::uint64_t in_file = file_ ? (file_->size() + kPageSize - 1) / kPageSize : 0;
  count_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      in_file + log.frames.size(), std::numeric_limits<std::uint32_t>::max() - 1 - unproved_.size()));
  for (const Overlay overlay : kOverlays) {
    read_free_list(overlay);
    read_map(overlay);
  }
}

void RawPages::read_log(const std::vector<WalFrame>& frames) {
  std::size_t committed = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (frames[i].commit && frames[i].sound) committed = i + 1;
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const WalFrame& frame = frames[i];
    if (frame.page != 0) view(Overlay::newest).in_log[frame.page] = frame.offset;
    if (!frame.sound) {
      unproved_.push_back(frame.offset);
      continue;
    }
    view(Overlay::written).in_log[frame.page] = frame.offset;
    if (i < committed) view(Overlay::sound).in_log[frame.page] = frame.offset;
  }
}

bool RawPages::differs(Overlay overlay) const {
  switch (overlay) {
    case Overlay::sound:
      return true;
    case Overlay::written:
      return view(Overlay::written).in_log != view(Overlay::sound).in_log;
    case Overlay::newest:
      return !unproved_.empty();
  }
  return true;
}

bool RawPages::read(std::uint32_t page, Overlay overlay, Page& out) const {
  if (page == 0 || page > count()) return false;
  if (page > count_) return overlay == Overlay::newest && wal_file_->read(unproved_[page - count_ - 1], out);
  const auto& in_log = view(overlay).in_log;
  if (const auto found = in_log.find(page); found != in_log.end()) return wal_file_->read(found->second, out);
  const std::uint64_t offset = std::uint64_t{page - 1} * kPageSize;
  return file_ && offset < file_->size() && file_->read(offset, out);
}

std::uint64_t RawPages::written(std::uint32_t page, Overlay overlay) const {
  if (page > count_) return page <= count() ? unproved_[page - count_ - 1] : 0;
  const auto found = view(overlay).in_log.find(page);
  return found == view(overlay).in_log.end() ? 0 : found->second;
}

bool RawPages::is_free(std::uint32_t page, Overlay overlay) const {
  return view(overlay).listed.contains(page) && view(overlay).mapped.contains(page);
}

bool RawPages::may_be_free(std::uint32_t page, Overlay overlay) const {
  return view(overlay).listed.contains(page) != view(overlay).mapped.contains(page);
}

bool RawPages::is_map(std::uint32_t page) const {
  return page <= count_ && (page == kLockPage || (page >= 2 && map_of(page) == page));
}

bool RawPages::is_past_end(std::uint32_t page, Overlay overlay) const { return page > view(overlay).end; }

std::uint32_t RawPages::last_page(Overlay overlay) const {
  const auto in_file = static_cast<std::uint32_t>(file_ ? (file_->size() + kPageSize - 1) / kPageSize : 0);
  const auto& in_log = view(overlay).in_log;
  const auto past = in_log.upper_bound(count_);
  return past == in_log.begin() ? in_file : std::max(in_file, std::prev(past)->first);
}

void RawPages::read_map(Overlay overlay) {
  Page map;
  for (std::uint64_t group = 2; group <= count_; group += kMapEntries + 1) {
    const std::uint64_t number = group == kLockPage ? group + 1 : group;
    if (number > count_ || !read(static_cast<std::uint32_t>(number), overlay, map)) continue;
    for (std::uint64_t i = 0; i < kMapEntries && number + 1 + i <= count_; ++i) {
      if (map[i * kMapEntrySize] != kMapTypeFree) continue;
      view(overlay).mapped.insert(static_cast<std::uint32_t>(number + 1 + i));
    }
  }
}

void RawPages::read_free_list(Overlay overlay) {
  View& seen = view(overlay);
  seen.end = last_page(overlay);
  Page page;
  if (!read(1, overlay, page)) return;
  const std::uint32_t end = read_u32(ByteView(page).subspan(kPageCountAt));
  if (end != 0 && end <= count_) seen.end = end;
  const auto list = [&](std::uint32_t number) {
    return number != 0 && number <= count_ && seen.listed.insert(number).second;
  };
  std::uint32_t trunk = read_u32(ByteView(page).subspan(kFirstTrunkAt));
  // Each page is listed once: a list that comes back to a page ends there.
  while (list(trunk) && read(trunk, overlay, page)) {
    const ByteView bytes(page);
    const std::uint32_t leaves = std::min(read_u32(bytes.subspan(4)), kTrunkLeavesMax);
    for (std::uint32_t i = 0; i < leaves; ++i) list(read_u32(bytes.subspan(8 + std::size_t{i} * 4)));
    trunk = read_u32(bytes);
  }
}

}  // namespace edgeseal::storage
