// SPDX-License-Identifier: GPL-3.0-or-later
// Sections of https://www.sqlite.org/fileformat2.html are named where they are followed.
#include "storage/salvage/page_scan.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace edgeseal::storage {
namespace {

constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

// More columns than any table of ours.
constexpr std::size_t kFieldsMax = 16;

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

/// The page's row numbers, put in order.
std::vector<std::int64_t> numbers_of(const Page& page) {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < cell_count(page); ++i) {
    const auto cell = cell_at(page, i);
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

}  // namespace

/// Brings the row's bytes together in payload_: all, or those before the page that is missing.
void PageScan::load(const PageCell& cell, Overlay overlay) {
  payload_.assign(cell.local.begin(), cell.local.end());
  std::uint32_t next = cell.overflow;
  Page page;
  // A chain that comes back to where it was at a power of two is a cycle.
  std::uint32_t marked = 0;
  for (std::uint64_t steps = 0; payload_.size() < cell.payload_size && next != 0; ++steps) {
    if (next == marked || !pages_.read(next, overlay, page)) return;
    if (std::has_single_bit(steps)) marked = next;
    if (next < accounted_.size()) accounted_[next] = true;
    const auto count = std::min<std::uint64_t>(kOverflowSize, cell.payload_size - payload_.size());
    append(payload_, ByteView(page).subspan(4, static_cast<std::size_t>(count)));
    next = read_u32(page);
  }
}

bool PageScan::parse(const PageCell& cell, Overlay overlay, RawRow& row) {
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
  if (size != cell.payload_size || size > (pages_.count() - pages_.unproved()) * kPageSize) return false;
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
  accounted_.assign(std::size_t{pages_.count()} + 1, false);
  // Page 1 holds the schema's root and never rows of ours.
  for (std::uint32_t number = 2; number <= pages_.count(); ++number) {
    if (pages_.is_map(number) || pages_.is_free(number, overlay)) {
      accounted_[number] = true;
    } else if (pages_.read(number, overlay, page_)) {
      each_row_of(number, overlay, visit);
    }
  }
}

void PageScan::each_row_of(std::uint32_t number, Overlay overlay, const std::function<void(const RawRow&)>& visit) {
  const bool sure = !pages_.may_be_free(number, overlay);
  bool whole = is_whole(page_);
  if (pages_.is_unproved(number) && !whole) return;
  const std::vector<std::int64_t> row_numbers = numbers_of(page_);
  for (std::uint16_t i = 0; i < row_numbers.size(); ++i) {
    const auto cell = cell_at(page_, i);
    RawRow row{.place = {.overlay = overlay, .page = number, .cell = i},
               .table = cell && cell->table,
               .number = row_numbers[i],
               .live = overlay == Overlay::sound && sure && !pages_.is_past_end(number, overlay),
               .written = pages_.written(number, overlay),
               .fields = {}};
    const bool parsed = cell && parse(*cell, overlay, row);
    if (parsed) visit(row);
    whole = whole && parsed;
  }
  if (whole && sure) accounted_[number] = true;
}

std::set<std::uint32_t> PageScan::unaccounted(Overlay overlay) const {
  std::set<std::uint32_t> pages;
  for (std::uint32_t number = 2; number < accounted_.size() && !pages_.is_past_end(number, overlay); ++number) {
    if (!accounted_[number]) pages.insert(number);
  }
  return pages;
}

std::optional<RawRow> PageScan::row_at(const RowPlace& place) {
  if (!pages_.read(place.page, place.overlay, page_) || place.cell >= cell_count(page_)) return std::nullopt;
  const auto cell = cell_at(page_, place.cell);
  RawRow row{.place = place, .table = false, .number = 0, .live = true, .written = 0, .fields = {}};
  if (!cell || !parse(*cell, place.overlay, row)) return std::nullopt;
  row.table = cell->table;
  row.number = numbers_of(page_)[place.cell];
  return row;
}

}  // namespace edgeseal::storage
