// SPDX-License-Identifier: GPL-3.0-or-later
// What a commit has done, for its caller to act on: acknowledgements to release, batches to forward, counts to keep.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "storage/spool_types.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// The newest arrival of each source that is durable, by source name: what to release.
using Releases = std::map<std::string, transport::ArrivalNumber>;

/// Records of one route that have become durable, in a journal frame or in a batch. 0: they were durable already, and
/// now stand in a batch.
struct CommittedRecords {
  RouteName route;
  std::uint64_t records = 0;
};

/// The spool took nothing of what is staged, or could not be read; the next try comes at `next_try`.
struct HeldCommit {
  Error why;
  MonotonicTime next_try;
};

/// All that one call of the committer has done. What it did before it failed is durable, and stands here too.
struct [[nodiscard]] CommitReport {
  Releases releases{};                          ///< empty when nothing was committed
  std::vector<CommittedRecords> committed{};    ///< one for each lane of each transaction
  std::vector<storage::SealedBatch> batches{};  ///< that are in the spool now, promoted journals among them
  std::vector<storage::DropRecord> lost{};      ///< what the spool dropped or could not hold; the chain tells of it
  std::vector<HeldCommit> held{};
  /// Fails only with what no later try can mend (Kind::fault, Kind::corrupt): stop. Nothing is released then.
  Result<void> outcome{};
};

}  // namespace edgeseal::agent
