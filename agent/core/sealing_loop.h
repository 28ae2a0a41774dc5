// SPDX-License-Identifier: GPL-3.0-or-later
// The loop around the committer without its thread: agent/runtime turns it on one, the simulator in steps.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/commit_report.h"
#include "agent/core/committer.h"
#include "agent/core/source_event.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"

namespace edgeseal::agent {

/// Ownership: borrows committer and driver, which outlive it. Threads: one at a time.
class SealingLoop {
 public:
  /// Who turns the loop.
  class Driver {
   public:
    virtual ~Driver() = default;
    /// The next event that waits; nothing when none does. Must not wait itself.
    [[nodiscard]] virtual std::optional<SourceEvent> next() = 0;
    /// Acknowledgements are to be released, batches to be forwarded, and the rest to be counted.
    virtual void act_on(const CommitReport& report) = 0;
  };

  /// `sources`: their names, in the order that SourceEvent::source counts.
  SealingLoop(Committer& committer, std::vector<std::string> sources, Driver& driver)
      : committer_(committer), sources_(std::move(sources)), driver_(driver) {}

  /// Until when there is nothing to do.
  struct Rest {
    std::optional<MonotonicTime> until;  ///< nothing: until an event comes
    std::size_t events_min = 0;          ///< so many events end the rest before; 0: none does, as none would be taken
  };
  [[nodiscard]] Rest rest() const;

  /// Hands the committer whatever waits, and lets it commit what is due. Fails with what no later try can mend.
  [[nodiscard]] Result<void> turn(Now now);

  /// Commits everything; open batches are sealed whole, unless the spool refuses. Fails as `turn` does.
  [[nodiscard]] Result<void> finish(Now now);

 private:
  [[nodiscard]] Result<void> hand_over(SourceEvent&& event, Now now);

  Committer& committer_;
  std::vector<std::string> sources_;
  Driver& driver_;
};

}  // namespace edgeseal::agent
