// SPDX-License-Identifier: GPL-3.0-or-later
// Makes batches of the journals that an earlier process left open, before anything new is taken.
#pragma once
#include <deque>

#include "agent/core/commit_report.h"
#include "crypto/base/result.h"
#include "storage/spool.h"

namespace edgeseal::agent {

/// Ownership: borrows the spool. Threads: one at a time.
class Recovery {
 public:
  /// Reads what was left.
  [[nodiscard]] static Result<Recovery> load(storage::Spool& spool);

  /// Promotes in order, oldest first, until nothing is left or the spool refuses one: that one and those after it stay,
  /// for another call. The report gets what was promoted and lost. Errors are those of Spool::commit.
  [[nodiscard]] Result<void> go_on(CommitReport& report);

 private:
  explicit Recovery(storage::Spool& spool) : spool_(spool) {}

  storage::Spool& spool_;
  std::deque<storage::LeftoverJournal> leftovers_;
};

}  // namespace edgeseal::agent
