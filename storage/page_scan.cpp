// SPDX-License-Identifier: GPL-3.0-or-later
// Sections of https://www.sqlite.org/fileformat2.html are named where they are followed.
#include "storage/page_scan.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace edgeseal::storage {
namespace {

constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

// 1.6, B-tree Pages: the kind of a page, its first byte.
constexpr std::uint8_t kIndexInterior = 0x02;
constexpr std::uint8_t kIndexLeaf = 0x0a;
constexpr std::uint8_t kTableLeaf = 0x0d;
constexpr std::size_t kCellCountAt = 3;
constexpr std::size_t kLeafHeaderSize = 8;
constexpr std::size_t kInteriorHeaderSize = 12;
constexpr std::size_t kCellSizeMin = 4;
// 1.6.2, Cell Payload Overflow Pages: how much of a row stays on its own page.
constexpr std::size_t kTableLocalMax = kPageSize - 35;
constexpr std::size_t kIndexLocalMax = (kPageSize - 12) * 64 / 255 - 23;
constexpr std::size_t kLocalMin = (kPageSize - 12) * 32 / 255 - 23;
constexpr std::size_t kOverflowSize = kPageSize - 4;
// More columns than any table of ours.
constexpr std::size_t kFieldsMax = 16;

/// 1.6, Variable-length integers. Moves `at` behind it.
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

std::size_t local_size(std::uint64_t payload, bool table) {
  const std::size_t local_max = table ? kTableLocalMax : kIndexLocalMax;
  if (payload <= local_max) return static_cast<std::size_t>(payload);
  const auto rest = static_cast<std::size_t>((payload - kLocalMin) % kOverflowSize);
  return kLocalMin + rest <= local_max ? kLocalMin + rest : kLocalMin;
}

/// 2.1, Record Format: bytes of a value by its serial type. Nothing for types that no column of ours has.
std::optional<std::uint64_t> value_size(std::uint64_t type) {
  switch (type) {
    case 0:
    case 8:
    case 9:
      return 0;
    case 1:
    case 2:
    case 3:
    case 4:
      return type;
    case 5:
      return 6;
    case 6:
      return 8;
    case 7:
    case 10:
    case 11:
      return std::nullopt;
    default:
      return (type - 12) / 2;
  }
}

/// The value of serial type `type` in `bytes`, which are all of it.
Field read_value(std::uint64_t type, ByteView bytes) {
  Field field;
  if (type == 0) return field;
  if (type >= 12) {
    field.type = type % 2 == 0 ? Field::Type::blob : Field::Type::text;
    field.bytes = bytes;
    return field;
  }
  field.type = Field::Type::integer;
  if (type >= 8) {
    field.integer = static_cast<std::int64_t>(type) - 8;
    return field;
  }
  std::uint64_t value = (bytes[0] & 0x80U) != 0 ? std::numeric_limits<std::uint64_t>::max() : 0;
  for (const std::uint8_t byte : bytes) value = (value << 8) | byte;
  field.integer = static_cast<std::int64_t>(value);
  return field;
}

}  // namespace

struct PageScan::Cell {
  bool table = false;
  std::int64_t number = 0;
  std::uint64_t payload_size = 0;
  ByteView local;
  std::uint32_t overflow = 0;
};

std::size_t PageScan::cells() const {
  if (page_[0] != kIndexInterior && page_[0] != kIndexLeaf && page_[0] != kTableLeaf) return 0;
  const std::size_t count = (std::size_t{page_[kCellCountAt]} << 8) | page_[kCellCountAt + 1];
  return std::min(count, (kPageSize - kLeafHeaderSize) / (2 + kCellSizeMin));
}

std::optional<PageScan::Cell> PageScan::cell_at(std::uint16_t index) const {
  const ByteView page(page_);
  const bool interior = page[0] == kIndexInterior;
  const std::size_t pointer = (interior ? kInteriorHeaderSize : kLeafHeaderSize) + std::size_t{2} * index;
  if (pointer + 2 > page.size()) return std::nullopt;
  std::size_t at = (std::size_t{page[pointer]} << 8) | page[pointer + 1];
  if (interior) at += 4;  // the left child
  Cell cell{.table = page[0] == kTableLeaf, .number = 0, .payload_size = 0, .local = {}, .overflow = 0};
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
  if (at > page.size() || local + pointer_size > page.size() - at) return std::nullopt;
  cell.local = page.subspan(at, local);
  if (pointer_size != 0) cell.overflow = read_u32(page.subspan(at + local));
  return cell;
}

std::vector<std::int64_t> PageScan::numbers() const {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < cells(); ++i) {
    const auto cell = cell_at(static_cast<std::uint16_t>(i));
    // A cell that cannot be read takes the place of a number that fits.
    numbers.push_back(cell ? cell->number : numbers.empty() ? 0 : std::min(numbers.back(), kNumberMax - 1) + 1);
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::int64_t before = i == 0 ? 0 : numbers[i - 1];
    const std::int64_t after = i + 1 < numbers.size() ? numbers[i + 1] : kNumberMax;
    if (before >= after || (before < numbers[i] && numbers[i] < after)) continue;
    // Where the third agrees with the first, it is the second that is wrong.
    if (i == 0 && numbers.size() > 2 && before < numbers[0] && numbers[0] < numbers[2]) continue;
    numbers[i] = i == 0 ? after - 1 : before + 1;
  }
  return numbers;
}

/// Brings the row's bytes together in payload_: all, or those before the page that is missing.
void PageScan::load(const Cell& cell, Overlay overlay) {
  payload_.assign(cell.local.begin(), cell.local.end());
  std::uint32_t next = cell.overflow;
  Page page;
  // A chain that comes back to where it was at a power of two is a cycle.
  std::uint32_t marked = 0;
  for (std::uint64_t steps = 0; payload_.size() < cell.payload_size && next != 0; ++steps) {
    if (next == marked || !pages_.read(next, overlay, page)) return;
    if (std::has_single_bit(steps)) marked = next;
    const auto count = std::min<std::uint64_t>(kOverflowSize, cell.payload_size - payload_.size());
    append(payload_, ByteView(page).subspan(4, static_cast<std::size_t>(count)));
    next = read_u32(page);
  }
}

bool PageScan::parse(const Cell& cell, Overlay overlay, RawRow& row) {
  std::size_t at = 0;
  const auto header_size = read_varint(cell.local, at);
  if (!header_size || *header_size > cell.local.size()) return false;
  std::vector<std::uint64_t> types;
  std::uint64_t size = *header_size;
  while (at < *header_size) {
    const auto type = read_varint(cell.local.first(static_cast<std::size_t>(*header_size)), at);
    const auto bytes = type ? value_size(*type) : std::nullopt;
    if (!bytes || *bytes > cell.payload_size || types.size() == kFieldsMax) return false;
    types.push_back(*type);
    size += *bytes;
  }
  if (size != cell.payload_size || size > std::uint64_t{pages_.count()} * kPageSize) return false;
  load(cell, overlay);
  auto offset = static_cast<std::size_t>(*header_size);
  for (const std::uint64_t type : types) {
    const auto bytes = static_cast<std::size_t>(*value_size(type));
    if (offset + bytes <= payload_.size()) {
      row.fields.push_back(read_value(type, ByteView(payload_).subspan(offset, bytes)));
    } else {
      row.fields.push_back({.type = type < 12       ? Field::Type::integer
                                    : type % 2 == 0 ? Field::Type::blob
                                                    : Field::Type::text,
                            .integer = 0,
                            .bytes = {},
                            .present = false});
    }
    offset += bytes;
  }
  return true;
}

void PageScan::each_row(Overlay overlay, const std::function<void(const RawRow&)>& visit) {
  // Page 1 holds the schema's root and never rows of ours.
  for (std::uint32_t number = 2; number <= pages_.count(); ++number) {
    if (RawPages::is_map(number) || pages_.is_free(number) || !pages_.read(number, overlay, page_)) continue;
    const std::vector<std::int64_t> row_numbers = numbers();
    for (std::uint16_t i = 0; i < row_numbers.size(); ++i) {
      const auto cell = cell_at(i);
      if (!cell) continue;
      RawRow row{.place = {.overlay = overlay, .page = number, .cell = i},
                 .table = cell->table,
                 .number = row_numbers[i],
                 .live = overlay == Overlay::sound && !pages_.is_past_end(number),
                 .fields = {}};
      if (parse(*cell, overlay, row)) visit(row);
    }
  }
}

std::optional<RawRow> PageScan::row_at(const RowPlace& place) {
  if (!pages_.read(place.page, place.overlay, page_) || place.cell >= cells()) return std::nullopt;
  const auto cell = cell_at(place.cell);
  RawRow row{.place = place, .table = false, .number = 0, .live = true, .fields = {}};
  if (!cell || !parse(*cell, place.overlay, row)) return std::nullopt;
  row.table = cell->table;
  row.number = numbers()[place.cell];
  return row;
}

}  // namespace edgeseal::storage
