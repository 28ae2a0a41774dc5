// SPDX-License-Identifier: GPL-3.0-or-later
// A clock that stands still until told.
#pragma once
#include "crypto/base/time.h"

namespace edgeseal::test {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] Now now() const override { return now_; }
  void advance(Duration by) {
    now_.monotonic = now_.monotonic + by;
    now_.wall = now_.wall + by;
  }
  void set_wall(WallTime wall) { now_.wall = wall; }
  void set_synced(bool synced) { now_.synced = synced; }

 private:
  // 2026-11-24T09:15:03.123456Z
  Now now_{.monotonic = {Duration{1'000'000}}, .wall = {Duration{1'795'511'703'123'456}}, .synced = true};
};

}  // namespace edgeseal::test
