// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/drop_merge.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace edgeseal::storage {
namespace {

auto kind_of(const DropRecord& drop) { return std::tuple(drop.reason, drop.sequence.number > 0, drop.records > 0); }

std::uint64_t first_of(const DropRecord& drop) { return drop.sequence.number; }
/// Every batch from its first to its last. Of a drop with batches.
bool is_whole(const DropRecord& drop) { return batches_of(drop) - 1 == last_of(drop) - first_of(drop); }

/// Two neighbours that may become one, and what that would lose.
struct Joint {
  enum class Loses { a_time, places, a_count };
  Loses loses = Loses::a_time;
  std::uint64_t between = 0;  ///< batches of which nothing is said
  std::int64_t row = 0;       ///< the newer of the two: old drops are merged first
  std::size_t right = 0;      ///< index of the second
  auto rank() const { return std::tuple(loses, between, row); }
};

/// `reach` is the last batch of all that come before `right`.
Joint joint_of(const DropRecord& left, const DropRecord& right, std::uint64_t reach) {
  Joint joint{.row = std::max(left.row, right.row)};
  if (first_of(right) == 0) return joint;
  if (first_of(right) <= reach) {
    if (last_of(left) != reach || !is_whole(left) || !is_whole(right)) joint.loses = Joint::Loses::a_count;
    return joint;
  }
  joint.between = first_of(right) - reach - 1;
  if (joint.between > 0) joint.loses = Joint::Loses::places;
  return joint;
}

/// How many batches both stand for; `more` begins no earlier.
std::uint64_t batches_of_both(const DropRecord& drop, const DropRecord& more, std::uint64_t width) {
  const std::uint64_t one = batches_of(drop);
  const std::uint64_t other = batches_of(more);
  const bool apart = first_of(more) > last_of(drop);
  if (!apart && is_whole(drop) && is_whole(more)) return width;
  if (!apart && drop.reason == DropReason::damaged) return std::max(one, other);
  return one > width - std::min(width, other) ? width : one + other;
}

void take_in(DropRecord& drop, const DropRecord& more) {
  if (first_of(drop) > 0) {
    const std::uint64_t last = std::max(last_of(drop), last_of(more));
    const std::uint64_t batches = batches_of_both(drop, more, last - first_of(drop) + 1);
    drop.merged.reset();
    if (last > first_of(drop)) drop.merged = MergedBatches{.last = {last}, .batches = batches};
  }
  drop.row = std::min(drop.row, more.row);
  drop.records += std::min(kCountMax - drop.records, more.records);
  drop.dropped = std::min(drop.dropped, more.dropped);
}

/// Those that cost least, as many as must go.
std::vector<bool> joined(const std::vector<DropRecord>& drops, std::size_t too_many) {
  std::vector<Joint> joints;
  std::uint64_t reach = 0;
  for (std::size_t i = 0; i < drops.size(); ++i) {
    const bool first = i == 0 || kind_of(drops[i - 1]) != kind_of(drops[i]);
    if (!first) {
      joints.push_back(joint_of(drops[i - 1], drops[i], reach));
      joints.back().right = i;
    }
    reach = first ? last_of(drops[i]) : std::max(reach, last_of(drops[i]));
  }
  std::sort(joints.begin(), joints.end(),
            [](const Joint& one, const Joint& other) { return one.rank() < other.rank(); });
  std::vector<bool> with_left(drops.size(), false);
  for (std::size_t i = 0; i < std::min(too_many, joints.size()); ++i) with_left[joints[i].right] = true;
  return with_left;
}

}  // namespace

std::uint64_t last_of(const DropRecord& drop) { return drop.merged ? drop.merged->last.number : drop.sequence.number; }
std::uint64_t batches_of(const DropRecord& drop) {
  return drop.merged ? drop.merged->batches : std::uint64_t{drop.sequence.number > 0};
}

std::vector<DropMerge> merge_drops(std::vector<DropRecord> drops, std::size_t count_max) {
  if (drops.size() <= count_max) return {};
  std::sort(drops.begin(), drops.end(), [](const DropRecord& one, const DropRecord& other) {
    return std::tuple(kind_of(one), first_of(one), one.row) < std::tuple(kind_of(other), first_of(other), other.row);
  });
  const std::vector<bool> with_left = joined(drops, drops.size() - count_max);
  std::vector<DropMerge> merges;
  for (std::size_t i = 0; i < drops.size(); ++i) {
    if (!with_left[i]) continue;
    if (!with_left[i - 1]) merges.push_back({.kept = drops[i - 1], .absorbed = {}});
    DropMerge& merge = merges.back();
    merge.absorbed.push_back(std::max(merge.kept.row, drops[i].row));
    take_in(merge.kept, drops[i]);
  }
  return merges;
}

}  // namespace edgeseal::storage
