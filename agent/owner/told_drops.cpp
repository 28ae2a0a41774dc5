// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/told_drops.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace edgeseal::agent {
namespace {

/// `batches` numbers from `first` to `last`.
struct Claim {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t batches = 0;
  auto operator<=>(const Claim&) const = default;
};

std::vector<Claim> claims_of(const std::vector<ReportedDrop>& drops) {
  std::vector<Claim> claims;
  for (const ReportedDrop& drop : drops) {
    const std::uint64_t first = drop.sequence.number;
    const std::uint64_t last = drop.merged ? drop.merged->last.number : first;
    const std::uint64_t batches = drop.merged ? drop.merged->batches : 1;
    if (first > 0 && last >= first && batches > 0) claims.push_back({first, last, batches});
  }
  std::sort(claims.begin(), claims.end());
  claims.erase(std::unique(claims.begin(), claims.end()), claims.end());
  return claims;
}

/// Walks along the chain; each missing number goes to the claim that ends first of those that may mean it. No other
/// choice accounts for more. Numbers between two events are given out at once.
class Walk {
 public:
  explicit Walk(std::vector<Claim> claims) : claims_(std::move(claims)) {}

  /// How many numbers of the gap no claim means. Gaps come in order.
  std::uint64_t untold_in(const Gap& gap) {
    std::uint64_t untold = 0;
    std::uint64_t left = gap.last.number - gap.first.number + 1;
    for (std::uint64_t at = gap.first.number; left > 0;) {
      open_claims(at);
      std::uint64_t step = left;
      if (next_ < claims_.size()) step = std::min(step, claims_[next_].first - at);
      if (open_.empty()) {
        untold += step;
      } else {
        Claim claim = open_.top();
        open_.pop();
        step = std::min({step, claim.last - at + 1, claim.batches});
        claim.batches -= step;
        if (claim.batches > 0) open_.push(claim);
      }
      at += step;
      left -= step;
    }
    return untold;
  }

 private:
  void open_claims(std::uint64_t at) {
    for (; next_ < claims_.size() && claims_[next_].first <= at; ++next_) open_.push(claims_[next_]);
    while (!open_.empty() && open_.top().last < at) open_.pop();
  }

  struct EndsLater {
    bool operator()(const Claim& one, const Claim& other) const { return one.last > other.last; }
  };
  std::vector<Claim> claims_;  ///< by their first numbers
  std::size_t next_ = 0;       ///< of them, not yet reached
  std::priority_queue<Claim, std::vector<Claim>, EndsLater> open_;
};

}  // namespace

std::vector<UntoldGap> untold_gaps(std::vector<Gap> gaps, const std::vector<ReportedDrop>& drops) {
  std::sort(gaps.begin(), gaps.end(), [](const Gap& one, const Gap& other) { return one.first < other.first; });
  Walk walk(claims_of(drops));
  std::vector<UntoldGap> untold;
  for (const Gap& gap : gaps) {
    if (const std::uint64_t count = walk.untold_in(gap); count > 0) untold.push_back({gap, count});
  }
  return untold;
}

}  // namespace edgeseal::agent
