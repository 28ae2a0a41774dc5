// SPDX-License-Identifier: GPL-3.0-or-later
// All sources of a committer, by name.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "agent/core/commit_report.h"
#include "agent/core/lane.h"
#include "agent/core/source_intake.h"
#include "config/options.h"
#include "storage/spool.h"

namespace edgeseal::agent {

/// Threads: one at a time.
class Sources {
 public:
  /// Reads what the spool remembers of each. Fails as the spool does, or with Kind::fault when a primitive fails.
  [[nodiscard]] static Result<Sources> create(const std::vector<config::NamedSource>& sources,
                                              const storage::Spool& spool, Sealer& sealer);

  /// REQUIRES: `source` is one of those given.
  [[nodiscard]] SourceIntake& at(const std::string& source) { return intakes_.at(source); }

  /// Some broker will send no more before a release.
  [[nodiscard]] bool some_window_filled() const;
  /// How many messages more until then.
  [[nodiscard]] std::uint64_t missing_from_windows() const;
  /// As SourceIntake::note_silence, of each.
  void note_silence(Duration silence_min, Now now);

  /// A commit takes all that has come so far. Gives what it has to record of brokers.
  [[nodiscard]] std::vector<storage::SourceMark> begin_commit();
  void on_losses_durable();
  /// Of each source everything before the first arrival whose record in one of `lanes` is not durable.
  [[nodiscard]] Releases release(const Lanes& lanes);

 private:
  std::map<std::string, SourceIntake> intakes_;
};

}  // namespace edgeseal::agent
