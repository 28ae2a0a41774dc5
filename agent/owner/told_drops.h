// SPDX-License-Identifier: GPL-3.0-or-later
// Whether what is missing in a chain is accounted for by the drops that the chain tells of. Pure.
#pragma once
#include <cstdint>
#include <vector>

#include "agent/batch/batch_header.h"
#include "crypto/base/ids.h"

namespace edgeseal::agent {

/// Numbers of a chain, from `first` to `last`, for which there is no object.
struct Gap {
  Sequence first;
  Sequence last;
  bool operator==(const Gap&) const = default;
};

/// What no drop accounts for in a gap: so many of its numbers. Which of them, a merged drop with holes does not tell.
struct UntoldGap {
  Gap gap;
  std::uint64_t untold = 0;
  bool operator==(const UntoldGap&) const = default;
};

/// The gaps of one chain that its drops leave open, in order; empty when every missing number is told of. `gaps` begin
/// at 1 or later and share no number. A drop accounts for as many numbers as it stands for, each between its first and
/// its last, and for none that is there; drops share what they may both mean so that as much as possible is accounted
/// for. One that is told twice in the same words counts once; one that has grown between two tellings counts twice, and
/// may then excuse more than it should.
///
/// Takes n log n of gaps and drops, however many numbers they span: anyone can seal, so the numbers may be anything.
[[nodiscard]] std::vector<UntoldGap> untold_gaps(std::vector<Gap> gaps, const std::vector<ReportedDrop>& drops);

}  // namespace edgeseal::agent
