// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/salvage/row_fields.h"

#include <algorithm>
#include <chrono>

namespace edgeseal::storage::field {
namespace {

constexpr std::size_t kNameSizeMax = 255;
constexpr std::int64_t kSequenceMax = std::int64_t{1} << 48;
constexpr std::int64_t kTimeMaxUs = 253'402'300'799'999'999;  // the year 9999
constexpr int kPriorityOfUnknown = 5;

bool in_range(std::int64_t value, std::int64_t low, std::int64_t high) { return low <= value && value <= high; }

}  // namespace

bool present(const RawRow& row, std::size_t count) {
  return std::all_of(row.fields.begin(), row.fields.begin() + static_cast<std::ptrdiff_t>(count),
                     [](const Field& field) { return field.present; });
}

std::optional<std::string> name(const Field& field) {
  if (!in_range(static_cast<std::int64_t>(field.bytes.size()), 1, kNameSizeMax)) return std::nullopt;
  const bool printable = std::all_of(field.bytes.begin(), field.bytes.end(),
                                     [](std::uint8_t byte) { return byte >= 0x20 && byte != 0x7f; });
  if (!printable) return std::nullopt;
  return std::string(as_text(field.bytes));
}

WallTime time(const Field& field) {
  return {std::chrono::microseconds{in_range(field.integer, 0, kTimeMaxUs) ? field.integer : 0}};
}
std::uint64_t records(const Field& field) { return field.integer > 0 ? static_cast<std::uint64_t>(field.integer) : 0; }
int priority(const Field& field) {
  return in_range(field.integer, 0, 9) ? static_cast<int>(field.integer) : kPriorityOfUnknown;
}
Sequence sequence(const Field& field) {
  return {in_range(field.integer, 1, kSequenceMax) ? static_cast<std::uint64_t>(field.integer) : 0};
}

std::optional<MergedBatches> merged(Sequence first, const Field& last, const Field& batches) {
  const std::uint64_t end = sequence(last).number;
  if (first.number == 0 || end <= first.number) return std::nullopt;
  const std::uint64_t width = end - first.number + 1;
  if (!in_range(batches.integer, 2, static_cast<std::int64_t>(width))) return std::nullopt;
  return MergedBatches{.last = {end}, .batches = static_cast<std::uint64_t>(batches.integer)};
}

bool is_tip(const Field& field) { return in_range(field.integer, 0, kSequenceMax); }

}  // namespace edgeseal::storage::field
