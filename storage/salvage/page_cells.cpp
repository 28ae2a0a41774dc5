// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/salvage/page_cells.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace edgeseal::storage {
namespace {

// The kind of a page, its first byte.
constexpr std::uint8_t kIndexInterior = 0x02;
constexpr std::uint8_t kTableInterior = 0x05;
constexpr std::uint8_t kIndexLeaf = 0x0a;
constexpr std::uint8_t kTableLeaf = 0x0d;
// Offsets in a page's header.
constexpr std::size_t kFirstFreeAt = 1;
constexpr std::size_t kCellCountAt = 3;
constexpr std::size_t kContentAt = 5;
constexpr std::size_t kFragmentsAt = 7;
constexpr std::size_t kLeafHeaderSize = 8;
constexpr std::size_t kInteriorHeaderSize = 12;
constexpr std::size_t kCellSizeMin = 4;
// 1.6.2, Cell Payload Overflow Pages: how much of a row stays on its own page.
constexpr std::size_t kTableLocalMax = kPageSize - 35;
constexpr std::size_t kIndexLocalMax = (kPageSize - 12) * 64 / 255 - 23;
constexpr std::size_t kLocalMin = (kPageSize - 12) * 32 / 255 - 23;

/// A part of the page.
struct Extent {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::size_t read_u16(const Page& page, std::size_t at) { return (std::size_t{page[at]} << 8) | page[at + 1]; }

bool is_tree(const Page& page) {
  return page[0] == kIndexInterior || page[0] == kTableInterior || page[0] == kIndexLeaf || page[0] == kTableLeaf;
}
bool is_interior(const Page& page) { return page[0] == kIndexInterior || page[0] == kTableInterior; }

std::size_t header_size(const Page& page) { return is_interior(page) ? kInteriorHeaderSize : kLeafHeaderSize; }

std::size_t local_size(std::uint64_t payload, bool table) {
  const std::size_t local_max = table ? kTableLocalMax : kIndexLocalMax;
  if (payload <= local_max) return static_cast<std::size_t>(payload);
  const auto rest = static_cast<std::size_t>((payload - kLocalMin) % kOverflowSize);
  return kLocalMin + rest <= local_max ? kLocalMin + rest : kLocalMin;
}

/// Where the cell begins. REQUIRES: the pointer lies within the page.
std::size_t cell_begin(const Page& page, std::size_t index) { return read_u16(page, header_size(page) + 2 * index); }

/// Reads the row's cell that begins at `at`, and moves `at` to its end.
std::optional<PageCell> read_cell(const Page& bytes, std::size_t& at) {
  const ByteView page(bytes);
  if (is_interior(bytes)) at += 4;  // the left child
  PageCell cell{.table = bytes[0] == kTableLeaf, .number = 0, .payload_size = 0, .local = {}, .overflow = 0};
  const auto size = read_varint(page, at);
  if (!size) return std::nullopt;
  cell.payload_size = *size;
  if (cell.table) {
    const auto number = read_varint(page, at);
    if (!number) return std::nullopt;
    cell.number = static_cast<std::int64_t>(*number);
  }
  const std::size_t local = local_size(*size, cell.table);
  const std::size_t pointer_size = local < *size ? 4 : 0;
  if (local + pointer_size > page.size() - at) return std::nullopt;
  cell.local = page.subspan(at, local);
  if (pointer_size != 0) cell.overflow = read_u32(page.subspan(at + local));
  at += local + pointer_size;
  return cell;
}

std::optional<Extent> cell_extent(const Page& page, std::size_t index) {
  const std::size_t begin = cell_begin(page, index);
  std::size_t end = begin;
  if (page[0] == kTableInterior) {
    end += 4;  // the left child, then the largest row number in it
    if (!read_varint(page, end)) return std::nullopt;
  } else if (!read_cell(page, end)) {
    return std::nullopt;
  }
  return Extent{begin, std::max(end, begin + kCellSizeMin)};
}

/// The blocks that the page lists as free between its cells. Nothing if the list is no such list.
std::optional<std::vector<Extent>> free_blocks(const Page& page) {
  std::vector<Extent> blocks;
  for (std::size_t at = read_u16(page, kFirstFreeAt); at != 0; at = read_u16(page, at)) {
    // In ascending order, so that it ends.
    if (at + 4 > page.size() || (!blocks.empty() && at < blocks.back().end)) return std::nullopt;
    blocks.push_back({at, at + std::max<std::size_t>(read_u16(page, at + 2), 4)});
  }
  return blocks;
}

}  // namespace

std::optional<std::uint64_t> read_varint(ByteView bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (int i = 0; i < 9; ++i) {
    if (at >= bytes.size()) return std::nullopt;
    const std::uint8_t byte = bytes[at++];
    if (i == 8) return (value << 8) | byte;
    value = (value << 7) | (byte & 0x7fU);
    if ((byte & 0x80U) == 0) break;
  }
  return value;
}

std::size_t cell_count(const Page& page) {
  if (!is_tree(page) || page[0] == kTableInterior) return 0;
  return std::min(read_u16(page, kCellCountAt), (kPageSize - kLeafHeaderSize) / (2 + kCellSizeMin));
}

std::optional<PageCell> cell_at(const Page& page, std::size_t index) {
  if (header_size(page) + 2 * index + 2 > page.size()) return std::nullopt;
  std::size_t at = cell_begin(page, index);
  return read_cell(page, at);
}

bool is_whole(const Page& page) {
  if (!is_tree(page)) return false;
  const std::size_t count = read_u16(page, kCellCountAt);
  const std::size_t content = read_u16(page, kContentAt);
  if (content > page.size() || header_size(page) + 2 * count > content) return false;
  auto extents = free_blocks(page);
  if (!extents) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto extent = cell_extent(page, i);
    if (!extent) return false;
    extents->push_back(*extent);
  }
  std::sort(extents->begin(), extents->end(), [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  std::size_t end = content;
  std::size_t between = 0;
  for (const Extent& extent : *extents) {
    if (extent.begin < end) return false;
    between += extent.begin - end;
    end = extent.end;
  }
  return end <= page.size() && between + (page.size() - end) == page[kFragmentsAt];
}

}  // namespace edgeseal::storage
