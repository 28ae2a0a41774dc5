// SPDX-License-Identifier: GPL-3.0-or-later
// A missing number is accounted for by a drop that means it, and by no other.
#include "agent/owner/told_drops.h"

#include <chrono>
#include <limits>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgeseal::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kHighest = std::numeric_limits<std::uint64_t>::max();

ReportedDrop of(std::uint64_t number) { return {{number}, 1, "spool_full", {}}; }
ReportedDrop of(std::uint64_t first, std::uint64_t last, std::uint64_t batches) {
  ReportedDrop drop = of(first);
  drop.merged = {.last = {last}, .batches = batches};
  return drop;
}
UntoldGap untold(std::uint64_t first, std::uint64_t last, std::uint64_t count) { return {{{first}, {last}}, count}; }

TEST(ToldDrops, AGapIsAccountedForNumberByNumber) {
  const std::vector<Gap> gaps{{{3}, {5}}, {{9}, {9}}};
  EXPECT_THAT(untold_gaps(gaps, {of(3), of(4), of(5), of(9)}), IsEmpty());
  EXPECT_THAT(untold_gaps(gaps, {of(3), of(5), of(9)}), ElementsAre(untold(3, 5, 1)));
  EXPECT_THAT(untold_gaps(gaps, {}), ElementsAre(untold(3, 5, 3), untold(9, 9, 1)));
  EXPECT_THAT(untold_gaps({}, {of(3)}), IsEmpty());
}

TEST(ToldDrops, AMergedDropAccountsForAllFromItsFirstToItsLast) {
  EXPECT_THAT(untold_gaps({{{3}, {5}}}, {of(3, 5, 3)}), IsEmpty());
  EXPECT_THAT(untold_gaps({{{2}, {6}}}, {of(3, 5, 3)}), ElementsAre(untold(2, 6, 2)));
  EXPECT_THAT(untold_gaps({{{2}, {6}}}, {of(2, 4, 3), of(5, 6, 2)}), IsEmpty());
}

TEST(ToldDrops, OneWithHolesAccountsForAsManyAsItSays) {
  EXPECT_THAT(untold_gaps({{{3}, {3}}, {{7}, {8}}}, {of(3, 8, 3)}), IsEmpty());
  EXPECT_THAT(untold_gaps({{{3}, {3}}, {{5}, {5}}, {{7}, {8}}}, {of(3, 8, 3)}), ElementsAre(untold(7, 8, 1)));
}

TEST(ToldDrops, ANumberThatIsThereIsNoneThatIsMissing) {
  // 4 has come although the drop means it: that leaves nothing over for 9.
  EXPECT_THAT(untold_gaps({{{3}, {3}}, {{5}, {5}}, {{9}, {9}}}, {of(3, 5, 3)}), ElementsAre(untold(9, 9, 1)));
}

TEST(ToldDrops, OverlappingOnesShareWhatBothMayMean) {
  // The first alone means 1, the second alone means 9; what lies between is enough for the rest of both.
  const std::vector<Gap> gaps{{{1}, {1}}, {{4}, {5}}, {{9}, {9}}};
  EXPECT_THAT(untold_gaps(gaps, {of(1, 5, 2), of(4, 9, 2)}), IsEmpty());
  EXPECT_THAT(untold_gaps(gaps, {of(1, 5, 2), of(4, 9, 2), of(4)}), IsEmpty());
  EXPECT_THAT(untold_gaps(gaps, {of(1, 5, 2), of(4, 5, 2)}), ElementsAre(untold(9, 9, 1)));
}

TEST(ToldDrops, ToldTwiceIsToldOnce) {
  EXPECT_THAT(untold_gaps({{{1}, {4}}}, {of(1, 4, 2), of(1, 4, 2)}), ElementsAre(untold(1, 4, 2)));
}

TEST(ToldDrops, NoNumberIsTooLarge) {
  const std::uint64_t half = std::uint64_t{1} << 63;
  EXPECT_THAT(untold_gaps({{{1}, {kHighest}}}, {of(1, kHighest, kHighest)}), IsEmpty());
  EXPECT_THAT(untold_gaps({{{1}, {kHighest}}}, {of(1, kHighest, half)}), ElementsAre(untold(1, kHighest, half - 1)));
  EXPECT_THAT(untold_gaps({{{kHighest}, {kHighest}}}, {of(half, kHighest, 1)}), IsEmpty());
  EXPECT_THAT(untold_gaps({{{5}, {5}}}, {of(5, 4, 1), of(5, 5, 0), of(0, kHighest, 3), of(9, 1, kHighest)}),
              ElementsAre(untold(5, 5, 1)))
      << "what makes no sense accounts for nothing";
}

// A sealer may claim what it likes; its reader's work grows with what it wrote, not with what that means.
TEST(ToldDrops, RangesWithoutEndCostNoMoreThanOthers) {
  std::vector<ReportedDrop> drops;
  std::vector<Gap> gaps;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    drops.push_back(of(1 + i, kHighest - i, std::uint64_t{1} << 62));
    gaps.push_back({{(1 + 2 * i) << 40}, {((2 + 2 * i) << 40) - 1}});
  }
  const auto before = std::chrono::steady_clock::now();
  EXPECT_THAT(untold_gaps(gaps, drops), IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20)) << "it takes a fraction of a second";
}

/// The most that can be accounted for, number by number: augmenting paths.
class Matching {
 public:
  Matching(std::vector<std::uint64_t> missing, std::vector<ReportedDrop> drops)
      : missing_(std::move(missing)), drops_(std::move(drops)), given_(drops_.size()) {}
  std::uint64_t most() {
    std::uint64_t most = 0;
    for (const std::uint64_t number : missing_) {
      std::set<std::size_t> tried;
      most += place(number, tried) ? 1 : 0;
    }
    return most;
  }

 private:
  bool place(std::uint64_t number, std::set<std::size_t>& tried) {
    for (std::size_t i = 0; i < drops_.size(); ++i) {
      const std::uint64_t last = drops_[i].merged ? drops_[i].merged->last.number : drops_[i].sequence.number;
      if (number < drops_[i].sequence.number || number > last || !tried.insert(i).second) continue;
      const std::uint64_t batches = drops_[i].merged ? drops_[i].merged->batches : 1;
      if (given_[i].size() < batches) {
        given_[i].push_back(number);
        return true;
      }
      for (std::uint64_t& other : given_[i]) {
        if (!place(other, tried)) continue;
        other = number;
        return true;
      }
    }
    return false;
  }
  std::vector<std::uint64_t> missing_;
  std::vector<ReportedDrop> drops_;
  std::vector<std::vector<std::uint64_t>> given_;
};

TEST(ToldDrops, AccountForAsMuchAsAnyoneCould) {
  std::mt19937 draw(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint64_t> missing;
    std::vector<Gap> gaps;
    for (std::uint64_t number = 1; number <= 30; ++number) {
      if (draw() % 2 == 0) continue;
      missing.push_back(number);
      if (!gaps.empty() && gaps.back().last.number + 1 == number) {
        gaps.back().last.number = number;
      } else {
        gaps.push_back({{number}, {number}});
      }
    }
    std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> ranges;
    while (ranges.size() < 5) {
      const std::uint64_t first = 1 + draw() % 30;
      const std::uint64_t last = first + 1 + draw() % 8;
      ranges.insert({first, last, 2 + draw() % (last - first)});
    }
    std::vector<ReportedDrop> drops;
    for (const auto& [first, last, batches] : ranges) drops.push_back(of(first, last, batches));
    std::uint64_t open = 0;
    for (const UntoldGap& gap : untold_gaps(gaps, drops)) open += gap.untold;
    ASSERT_EQ(missing.size() - open, Matching(missing, drops).most()) << "round " << round;
  }
}

}  // namespace
}  // namespace edgeseal::agent
