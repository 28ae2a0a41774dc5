// SPDX-License-Identifier: GPL-3.0-or-later
// The first item of a batch's content.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/time.h"

namespace edgeseal::agent {

/// Several batches that one drop stands for: from its `sequence` to `last`, both among them.
struct ReportedBatches {
  Sequence last;
  std::uint64_t batches = 0;  ///< how many of these: at least 2; all that there are, or fewer
  bool operator==(const ReportedBatches&) const = default;
};

/// A loss of this route that no earlier batch has told of.
struct ReportedDrop {
  Sequence sequence;          ///< the batch that is gone; 0 when its records never made one
  std::uint64_t records = 0;  ///< how many; 0: nobody knows
  std::string reason;
  WallTime dropped;                         ///< of several losses the first
  std::optional<ReportedBatches> merged{};  ///< nothing for one batch, or none
  bool operator==(const ReportedDrop&) const = default;
};

struct BatchHeader {
  std::string gateway;
  RouteName route;
  BatchId batch;
  Sequence sequence;
  BootId boot;                         ///< the kernel's boot id: whose wall clock the records' times are of
  bool clock_synced = false;           ///< whether that clock followed a reference when the batch (or frame) was sealed
  WallTime sealed;                     ///< by that clock
  MonotonicTime sealed_monotonic;      ///< since the start of that boot, so that an owner can mend a wrong clock
  std::optional<std::uint32_t> frame;  ///< a journal frame's place in its journal, from 0; nothing in a batch
  std::vector<ReportedDrop> drops;
  bool operator==(const BatchHeader&) const = default;
};

}  // namespace edgeseal::agent
