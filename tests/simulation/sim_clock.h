// SPDX-License-Identifier: GPL-3.0-or-later
// A machine's clocks, which move when told. The wall clock may be wrong by years.
#pragma once
#include "crypto/base/time.h"

namespace edgeseal::test {

class SimClock final : public Clock {
 public:
  [[nodiscard]] Now now() const override { return now_; }
  void advance(Duration by) {
    now_.monotonic = now_.monotonic + by;
    now_.wall = now_.wall + by;
    elapsed_ += by;
  }
  void advance_to(MonotonicTime time) {
    if (time > now_.monotonic) advance(time - now_.monotonic);
  }
  /// Someone sets the wall clock.
  void set_wall(WallTime wall, bool synced) {
    now_.wall = wall;
    now_.synced = synced;
  }
  /// A new boot: only the wall clock goes on.
  void reboot() { now_.monotonic = {Duration{1'000'000}}; }
  /// All the time that has passed.
  [[nodiscard]] Duration elapsed() const { return elapsed_; }

 private:
  // 2026-11-24T09:15:03.123456Z
  Now now_{.monotonic = {Duration{1'000'000}}, .wall = {Duration{1'795'511'703'123'456}}, .synced = true};
  Duration elapsed_{};
};

}  // namespace edgeseal::test
