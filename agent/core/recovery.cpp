// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/recovery.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/core/journal.h"

namespace edgeseal::agent {

Result<Recovery> Recovery::load(storage::Spool& spool) {
  Recovery recovery(spool);
  auto leftovers = spool.leftover_journals();
  if (!leftovers) return failed(leftovers, "read the journals of the last run");
  recovery.leftovers_.assign(std::make_move_iterator(leftovers->begin()), std::make_move_iterator(leftovers->end()));
  return recovery;
}

Result<void> Recovery::go_on(CommitReport& report) {
  while (!leftovers_.empty()) {
    const storage::LeftoverJournal& journal = leftovers_.front();
    auto tip = spool_.tip(journal.start.route);
    if (!tip) return failed(tip);
    auto promotion = promote(journal, *tip);
    if (!promotion) return failed(promotion);
    storage::SpoolChange change;
    change.batches.push_back(std::move(promotion->batch));
    change.drops = std::move(promotion->lost);
    auto committed = spool_.commit(change);
    if (!committed) return failed(committed, "promote a journal");
    if (!change.batches.front().object.empty()) report.batches.push_back(std::move(change.batches.front()));
    for (auto* losses : {&change.drops, &*committed}) {
      std::move(losses->begin(), losses->end(), std::back_inserter(report.lost));
    }
    leftovers_.pop_front();
  }
  return {};
}

}  // namespace edgeseal::agent
