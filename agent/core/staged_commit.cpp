// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/staged_commit.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "crypto/base/ensure.h"

namespace edgeseal::agent {

// --- staging ---

Result<void> StagedCommit::stage(std::vector<storage::DropRecord> losses, std::vector<storage::SourceMark> marks,
                                 Now now, bool close, CommitReport& report) {
  ENSURE(parts_.empty());
  Part whole{.form = close ? Form::closed : Form::open, .holds_losses = true};
  if (auto done = stage_lanes(whole, now, close, report); !done) return done;
  whole.change.drops = std::move(losses);
  whole.change.marks = std::move(marks);
  if (!whole.lanes.empty() || !whole.change.drops.empty() || !whole.change.marks.empty()) {
    parts_.push_back(std::move(whole));
  }
  return {};
}

Result<void> StagedCommit::stage_lanes(Part& part, Now now, bool close, CommitReport& report) {
  left_out_ = false;
  for (const auto& lane : lanes_) {
    auto added = lane->stage(part.change, now, close);
    if (!added) {
      if (is_final(added.error())) return failed(added);
      if (!left_out_) (void)hold_.take(added.error(), report);
      left_out_ = true;
    } else if (*added) {
      part.lanes.push_back(lane.get());
    }
  }
  return {};
}

Result<void> StagedCommit::restage_closed(Part& whole, Now now, CommitReport& report) {
  for (Lane* lane : whole.lanes) lane->unstage();
  whole.lanes.clear();
  whole.change.journals.clear();
  whole.change.frames.clear();
  whole.change.batches.clear();
  whole.form = Form::closed;
  return stage_lanes(whole, now, true, report);
}

std::vector<StagedCommit::Part> StagedCommit::split(Part whole) {
  std::vector<Part> parts;
  const auto move_to = [](auto& from, auto& to, const RouteName& route) {
    for (auto& one : from) {
      if (one.route == route) to.push_back(std::move(one));
    }
  };
  std::stable_sort(whole.lanes.begin(), whole.lanes.end(),
                   [](const Lane* one, const Lane* other) { return one->route().priority > other->route().priority; });
  for (Lane* lane : whole.lanes) {
    Part& part = parts.emplace_back(Part{.lanes = {lane}, .form = Form::pieces});
    move_to(whole.change.journals, part.change.journals, lane->route().name);
    move_to(whole.change.frames, part.change.frames, lane->route().name);
    move_to(whole.change.batches, part.change.batches, lane->route().name);
  }
  if (!whole.change.drops.empty() || !whole.change.marks.empty()) {
    Part& rest = parts.emplace_back(Part{.form = Form::closed, .holds_losses = whole.holds_losses});
    rest.change.drops = std::move(whole.change.drops);
    rest.change.marks = std::move(whole.change.marks);
  }
  return parts;
}

// --- committing ---

Result<void> StagedCommit::commit(Now now, CommitReport& report) {
  std::optional<Error> refusal;
  // One part may make room for another: an open journal that is closed, and can be dropped then.
  for (bool moved = true; moved && !parts_.empty();) {
    moved = false;
    refusal.reset();
    for (std::size_t i = 0; i < parts_.size();) {
      Part& part = parts_[i];
      auto refused = commit_part(part, now, report);
      if (!refused) {
        if (hold_.take(refused.error(), report)) return {};
        return failed(refused);
      }
      if (!*refused) {
        parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(i));
        moved = true;
        continue;
      }
      refusal = std::move(*refused);
      if (part.form == Form::open) {
        if (auto closed = restage_closed(part, now, report); !closed) return closed;
      } else if (part.form == Form::closed && !part.lanes.empty()) {
        parts_ = split(std::move(part));
        i = 0;
      } else {
        ++i;
      }
    }
  }
  if (!parts_.empty() && refusal) (void)hold_.take(*refusal, report);
  return {};
}

Result<std::optional<Error>> StagedCommit::commit_part(Part& part, Now now, CommitReport& report) {
  while (true) {
    auto committed = spool_.commit(part.change);
    if (committed) {
      apply(part, std::move(*committed), report);
      const bool divided = std::exchange(part.change, {}).frames.empty() && part.form == Form::pieces;
      // Of a frame nothing is left; of a piece, what was not in it.
      if (!divided) return std::nullopt;
    } else if (committed.error().kind != Kind::full) {
      return failed(committed);
    } else if (!may_be_divided(part)) {
      return std::optional<Error>(std::move(committed.error()));
    }
    auto more = stage_piece(part, now);
    if (!more) return failed(more);
    if (!*more) return std::nullopt;
  }
}

void StagedCommit::apply(Part& part, std::vector<storage::DropRecord> dropped, CommitReport& report) {
  std::move(dropped.begin(), dropped.end(), std::back_inserter(report.lost));
  std::move(part.change.batches.begin(), part.change.batches.end(), std::back_inserter(report.batches));
  for (Lane* lane : part.lanes) lane->apply(report);
}

bool StagedCommit::may_be_divided(const Part& part) const {
  if (part.form != Form::pieces) return false;
  if (part.change.batches.empty()) return !part.change.frames.empty();
  const storage::SealedBatch& batch = part.change.batches.front();
  const std::uint64_t committed = part.lanes.front()->batcher().committed_records();
  return (committed > 0 && batch.records > committed) || !spool_.could_hold(batch.object.size());
}

Result<bool> StagedCommit::stage_piece(Part& part, Now now) {
  Lane& lane = *part.lanes.front();
  while (true) {
    lane.unstage();
    part.change = {};
    auto staged = lane.stage_piece(part.change, now, part.records_max);
    if (!staged || !*staged) return staged;
    const bool durable = lane.batcher().committed_records() > 0;
    const storage::SealedBatch& batch = part.change.batches.front();
    if (durable || spool_.could_hold(batch.object.size())) return true;
    if (batch.records > 1) {
      part.records_max = batch.records / 2;
      continue;
    }
    part.change = {};
    lane.unstage();
    lane.stage_loss(part.change, now);
    part.records_max = std::numeric_limits<std::uint64_t>::max();
    return true;
  }
}

bool StagedCommit::losses_durable() const {
  return std::none_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.holds_losses; });
}

}  // namespace edgeseal::agent
