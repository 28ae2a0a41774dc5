// SPDX-License-Identifier: GPL-3.0-or-later
// What a broker lost before we saw it, from what it tells of itself.
#pragma once
#include <cstdint>

#include "storage/spool_types.h"

namespace edgeseal::agent {

/// Compares one source's word with what was last recorded of it, over restarts of either side. Pure.
/// Threads: one at a time.
class Upstream {
 public:
  explicit Upstream(storage::SourceMark recorded) : mark_(std::move(recorded)) {}

  /// Whether the broker has lost the session that it should have kept, and with it what was queued there.
  [[nodiscard]] bool session_lost(bool session_present);

  /// How many messages the broker has dropped since the count that is recorded; none the first time that it tells.
  /// A count that went back began anew with the broker: then all of it is news.
  [[nodiscard]] std::uint64_t newly_dropped(std::uint64_t total);

  /// What is to be recorded now. `changed` says whether that is news since the last `recorded`.
  [[nodiscard]] const storage::SourceMark& mark() const { return mark_; }
  [[nodiscard]] bool changed() const { return changed_; }
  void recorded() { changed_ = false; }

 private:
  storage::SourceMark mark_;
  bool changed_ = false;
};

}  // namespace edgeseal::agent
