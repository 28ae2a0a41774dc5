// SPDX-License-Identifier: GPL-3.0-or-later
// A cloud that keeps what it confirms, and has its moods.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/draw.h"
#include "tests/simulation/sim_clock.h"
#include "tests/simulation/spool_state.h"
#include "transport/sinks/sink.h"

namespace edgeseal::test {

/// Outlives the gateway's processes. Threads: one at a time.
class SimSink final : public transport::Sink {
 public:
  enum class Mood { fine, unreachable, overloaded, unauthorised, refusing };

  /// Borrows all of it. A delivery takes time on `clock`.
  SimSink(unsigned refused_percent, unsigned lost_answer_percent, SimClock& clock, Draw& draw)
      : refused_percent_(refused_percent), lost_answer_percent_(lost_answer_percent), clock_(clock), draw_(draw) {}

  [[nodiscard]] Result<void> deliver(const transport::SealedObject& object) override;

  void set_mood(Mood mood) { mood_ = mood; }
  /// From now on each delivery succeeds at once; what was refused as a batch stays refused.
  void become_reliable();

  struct Arrived {
    Place place;
    Digest digest;
    Bytes bytes;
  };
  [[nodiscard]] const std::vector<Arrived>& arrived() const { return arrived_; }
  /// Batches that this sink will never take.
  [[nodiscard]] const std::set<Place>& refused() const { return refused_; }
  /// Names under which two different contents came: a retry must have the same.
  [[nodiscard]] std::uint64_t overwritten() const { return overwritten_; }

 private:
  void keep(const transport::SealedObject& object);
  [[nodiscard]] bool refuses(const transport::SealedObject& object);

  unsigned refused_percent_;
  unsigned lost_answer_percent_;
  SimClock& clock_;
  Draw& draw_;
  Mood mood_ = Mood::fine;
  std::map<std::string, bool> answers_;  ///< by name: whether it is refused does not change
  std::set<Place> refused_;
  std::map<std::string, std::size_t> names_;
  std::vector<Arrived> arrived_;
  std::uint64_t overwritten_ = 0;
};

}  // namespace edgeseal::test
