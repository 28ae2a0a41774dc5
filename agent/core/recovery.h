// SPDX-License-Identifier: GPL-3.0-or-later
// Makes batches of the journals that an earlier process left open, before anything new is taken.
#pragma once
#include <deque>

#include "agent/core/observer.h"
#include "crypto/base/result.h"
#include "storage/spool.h"

namespace edgeseal::agent {

/// Ownership: borrows spool and observer. Threads: one at a time.
class Recovery {
 public:
  Recovery(storage::Spool& spool, Observer& observer) : spool_(spool), observer_(observer) {}

  /// Reads what was left. Call once, first.
  [[nodiscard]] Result<void> load();

  /// Nothing is left to promote. Not before `load`.
  [[nodiscard]] bool done() const { return loaded_ && leftovers_.empty(); }

  /// Promotes in order, oldest first, until nothing is left or the spool refuses one: that one and those after it stay,
  /// for another call. Errors are those of Spool::commit.
  [[nodiscard]] Result<void> go_on();

 private:
  storage::Spool& spool_;
  Observer& observer_;
  bool loaded_ = false;
  std::deque<storage::LeftoverJournal> leftovers_;
};

}  // namespace edgeseal::agent
