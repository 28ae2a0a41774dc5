// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/recovery.h"

#include <iterator>

#include "agent/core/journal.h"

namespace edgeseal::agent {

Result<void> Recovery::load() {
  auto leftovers = spool_.leftover_journals();
  if (!leftovers) return failed(leftovers, "read the journals of the last run");
  leftovers_.assign(std::make_move_iterator(leftovers->begin()), std::make_move_iterator(leftovers->end()));
  loaded_ = true;
  return {};
}

Result<void> Recovery::go_on() {
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
    if (!change.batches.front().object.empty()) observer_.on_batch_sealed(change.batches.front());
    for (const auto* losses : {&change.drops, &*committed}) {
      for (const storage::DropRecord& lost : *losses) observer_.on_lost(lost.route, lost.reason, lost.records);
    }
    leftovers_.pop_front();
  }
  return {};
}

}  // namespace edgeseal::agent
