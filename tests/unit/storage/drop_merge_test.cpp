// SPDX-License-Identifier: GPL-3.0-or-later
// Drops that become one say together what they said apart, and nothing that is not known.
#include "storage/drop_merge.h"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

DropRecord drop(std::int64_t row, std::uint64_t sequence, std::uint64_t records = 1,
                DropReason reason = DropReason::spool_full) {
  return {.row = row, .sequence = {sequence}, .records = records, .reason = reason, .dropped = at(row)};
}
DropRecord range(std::int64_t row, std::uint64_t first, std::uint64_t last, std::uint64_t batches,
                 DropReason reason = DropReason::spool_full) {
  DropRecord merged = drop(row, first, batches, reason);
  merged.merged = {.last = {last}, .batches = batches};
  return merged;
}

/// "first-last*batches:records" of each that is left, by row.
std::vector<std::string> left_of(std::vector<DropRecord> drops, std::size_t count_max) {
  std::map<std::int64_t, DropRecord> rows;
  for (const DropRecord& one : drops) rows[one.row] = one;
  for (const DropMerge& merge : merge_drops(std::move(drops), count_max)) {
    for (const std::int64_t row : merge.absorbed) EXPECT_EQ(rows.erase(row), 1U);
    EXPECT_TRUE(rows.contains(merge.kept.row));
    rows[merge.kept.row] = merge.kept;
  }
  std::vector<std::string> names;
  for (const auto& [row, one] : rows) names.push_back(drop_name(one));
  return names;
}

TEST(DropMerge, NothingHappensWhileThereIsRoom) {
  EXPECT_THAT(left_of({drop(1, 1), drop(2, 2)}, 2), ElementsAre("1:1:spool_full", "2:1:spool_full"));
}

TEST(DropMerge, BatchesNextToEachOtherGoFirstAndTheOldestOfThese) {
  EXPECT_THAT(left_of({drop(1, 4), drop(2, 6), drop(3, 7), drop(4, 8)}, 3),
              ElementsAre("4:1:spool_full", "6-7*2:2:spool_full", "8:1:spool_full"));
  EXPECT_THAT(left_of({drop(1, 4), drop(2, 6), drop(3, 7), drop(4, 8)}, 2),
              ElementsAre("4:1:spool_full", "6-8*3:3:spool_full"));
}

TEST(DropMerge, ThenThoseWithTheFewestBetweenThem) {
  EXPECT_THAT(left_of({drop(1, 1), drop(2, 9), drop(3, 11)}, 2), ElementsAre("1:1:spool_full", "9-11*2:2:spool_full"));
  EXPECT_THAT(left_of({drop(1, 1), drop(2, 9), drop(3, 11)}, 1), ElementsAre("1-11*3:3:spool_full"));
}

TEST(DropMerge, WhatHasNoBatchStaysWithoutOne) {
  EXPECT_THAT(left_of({drop(1, 0, 3), drop(2, 0, 4), drop(3, 5)}, 1), ElementsAre("0:7:spool_full", "5:1:spool_full"));
}

TEST(DropMerge, OnlyLikeGoesWithLike) {
  EXPECT_THAT(left_of({drop(1, 1), drop(2, 2, 0), drop(3, 3, 1, DropReason::expired), drop(4, 0), drop(5, 0, 0)}, 1),
              ElementsAre("1:1:spool_full", "2:0:spool_full", "3:1:expired", "0:1:spool_full", "0:0:spool_full"));
}

TEST(DropMerge, TheFirstTimeStandsAndCountsEndWhereTheyMust) {
  DropRecord many = drop(2, 0, kCountMax - 1);
  const auto merges = merge_drops({many, drop(1, 0, 9)}, 1);
  ASSERT_EQ(merges.size(), 1U);
  EXPECT_EQ(merges[0].kept.records, kCountMax);
  EXPECT_EQ(merges[0].kept.dropped, at(1));
}

// A damaged batch is told of with each of its frames, and once more when it goes itself.
TEST(DropMerge, OneBatchToldOfOftenIsOneBatch) {
  const auto of = [](std::int64_t row, std::uint64_t sequence) { return drop(row, sequence, 2, DropReason::damaged); };
  EXPECT_THAT(left_of({of(1, 4), of(2, 4), of(3, 4)}, 1), ElementsAre("4:6:damaged"));
  EXPECT_THAT(left_of({of(1, 4), of(2, 5), of(3, 4)}, 1), ElementsAre("4-5*2:6:damaged"));
  // 6 may be one of the three or not: three are known to be gone.
  EXPECT_THAT(left_of({range(1, 4, 9, 3, DropReason::damaged), of(2, 6)}, 1), ElementsAre("4-9*3:5:damaged"));
}

TEST(DropMerge, ABatchAmongOthersIsOneMore) {
  EXPECT_THAT(left_of({range(1, 4, 9, 3), drop(2, 6)}, 1), ElementsAre("4-9*4:4:spool_full"));
  EXPECT_THAT(left_of({range(1, 4, 9, 6), drop(2, 6)}, 1), ElementsAre("4-9*6:7:spool_full")) << "all were gone";
}

TEST(DropMerge, NoNumberOverflows) {
  constexpr auto kHighest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  EXPECT_THAT(left_of({range(1, 1, kHighest, kHighest - 3), range(2, 2, kHighest, 9), drop(3, kHighest)}, 1),
              ElementsAre(HasSubstr("1-9223372036854775807*9223372036854775807:")));
}

// Whatever comes in whatever order: no batch and no record is told of that was not, and none is forgotten.
TEST(DropMerge, WhateverTheOrderSumsAndPlacesStay) {
  std::mt19937 draw(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<DropRecord> drops;
    std::vector<std::uint64_t> numbers(1 + draw() % 60);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 1 + i;
    std::shuffle(numbers.begin(), numbers.end(), draw);
    std::map<DropReason, std::set<std::uint64_t>> told;
    std::map<DropReason, std::uint64_t> records;
    for (std::int64_t row = 1; row <= static_cast<std::int64_t>(numbers.size()); ++row) {
      const DropReason reason = draw() % 2 == 0 ? DropReason::expired : DropReason::no_sink;
      const std::uint64_t number = numbers[static_cast<std::size_t>(row - 1)];
      drops.push_back(drop(row, number, 1 + draw() % 9, reason));
      told[reason].insert(number);
      records[reason] += drops.back().records;
      // Again and again, as in a spool: a merged drop is merged further.
      const std::size_t count_max = 2 + draw() % 4;
      for (const DropMerge& merge : merge_drops(drops, count_max)) {
        std::erase_if(drops, [&](const DropRecord& one) {
          return std::count(merge.absorbed.begin(), merge.absorbed.end(), one.row) > 0;
        });
        *std::find_if(drops.begin(), drops.end(), [&](const auto& one) { return one.row == merge.kept.row; }) =
            merge.kept;
      }
      ASSERT_LE(drops.size(), count_max);
    }
    std::map<DropReason, std::uint64_t> records_left;
    std::map<DropReason, std::uint64_t> batches_left;
    for (const DropRecord& one : drops) {
      const std::uint64_t last = one.merged ? one.merged->last.number : one.sequence.number;
      batches_left[one.reason] += one.merged ? one.merged->batches : 1;
      records_left[one.reason] += one.records;
      EXPECT_TRUE(told[one.reason].contains(one.sequence.number) && told[one.reason].contains(last));
    }
    EXPECT_EQ(records_left, records);
    for (const auto& [reason, sequences] : told) {
      EXPECT_EQ(batches_left[reason], sequences.size()) << "round " << round;
      for (const std::uint64_t number : sequences) {
        EXPECT_TRUE(std::any_of(drops.begin(), drops.end(), [&, kind = reason](const DropRecord& one) {
          const std::uint64_t last = one.merged ? one.merged->last.number : one.sequence.number;
          return one.reason == kind && one.sequence.number <= number && number <= last;
        })) << number;
      }
    }
  }
}

}  // namespace
}  // namespace edgeseal::storage
