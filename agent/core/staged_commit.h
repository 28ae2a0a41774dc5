// SPDX-License-Identifier: GPL-3.0-or-later
// What is ready to become durable, and how it gets into a spool that has little room.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "agent/core/commit_report.h"
#include "agent/core/hold.h"
#include "agent/core/lane.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "storage/spool.h"

namespace edgeseal::agent {

/// The lanes' news, losses and marks go in one transaction if the spool has room for it. If not, open batches are
/// closed, which may make them droppable; then each lane's part goes by itself, the highest priority first; then by
/// pieces, in smaller batches. A record that no spool of this size could hold becomes a drop. What the spool still
/// refuses stays here, and is tried again.
///
/// Ownership: borrows spool and lanes. Threads: one at a time.
class StagedCommit {
 public:
  StagedCommit(storage::Spool& spool, const Lanes& lanes, const Clock& clock)
      : spool_(spool), lanes_(lanes), hold_(clock) {}

  /// Stages what is new in the lanes, and these. With `close`, open batches are staged whole. REQUIRES: nothing is
  /// staged. A lane that the spool gives no answer to for now is left out, and keeps this from being `done`.
  [[nodiscard]] Result<void> stage(std::vector<storage::DropRecord> losses, std::vector<storage::SourceMark> marks,
                                   Now now, bool close, CommitReport& report);
  /// Commits as much as the spool takes. Fails only with what no later try can mend.
  [[nodiscard]] Result<void> commit(Now now, CommitReport& report);

  /// Nothing is staged; there may be lanes that were left out.
  [[nodiscard]] bool empty() const { return parts_.empty(); }
  /// All of it is durable, and no lane was left out.
  [[nodiscard]] bool done() const { return parts_.empty() && !left_out_; }
  /// The losses that were staged are durable.
  [[nodiscard]] bool losses_durable() const;
  [[nodiscard]] MonotonicTime next_try() const { return hold_.next_try(); }

 private:
  enum class Form {
    open,    ///< as it was staged: batches that are not due stay open
    closed,  ///< every batch in it is whole
    pieces,  ///< of one lane: a batch, or a loss, of its oldest records; what is
             ///< left follows
  };
  /// What one transaction makes durable.
  struct Part {
    std::vector<Lane*> lanes{};  ///< whose records it holds; none: losses and marks alone
    storage::SpoolChange change{};
    Form form = Form::open;
    bool holds_losses = false;                                              ///< those given to `stage`
    std::uint64_t records_max = std::numeric_limits<std::uint64_t>::max();  ///< of the next piece
  };
  [[nodiscard]] Result<void> stage_lanes(Part& part, Now now, bool close, CommitReport& report);
  /// Commits the part, and all pieces that follow. Gives the refusal when the spool has no room for it now.
  [[nodiscard]] Result<std::optional<Error>> commit_part(Part& part, Now now, CommitReport& report);
  void apply(Part& part, std::vector<storage::DropRecord> dropped, CommitReport& report);
  /// Stages the next piece of the part's lane: a batch that the spool could hold, or a loss. False when there is none.
  [[nodiscard]] Result<bool> stage_piece(Part& part, Now now);
  /// Whether smaller batches may get what the part as it is did not.
  [[nodiscard]] bool may_be_divided(const Part& part) const;
  /// Puts whole batches in the place of the staged frames. It may be the open journals that fill the spool: no sink
  /// takes them away, and nothing else may be dropped.
  [[nodiscard]] Result<void> restage_closed(Part& whole, Now now, CommitReport& report);
  /// Each lane's part of the whole by itself, the highest priority first; then losses and marks.
  [[nodiscard]] static std::vector<Part> split(Part whole);

  storage::Spool& spool_;
  const Lanes& lanes_;
  Hold hold_;
  std::vector<Part> parts_;  ///< one, or after a refusal one for each lane
  bool left_out_ = false;    ///< a lane, by the last staging
};

}  // namespace edgeseal::agent
