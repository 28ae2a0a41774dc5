// SPDX-License-Identifier: GPL-3.0-or-later
// Lets a thread sleep until it has a reason not to.
#pragma once
#include <optional>
#include <utility>

#include "crypto/base/monitored.h"
#include "crypto/base/time.h"

namespace edgeseal::agent {

/// A bell that is remembered: a ring before the wait ends the wait at once. Any thread rings, one waits.
class Wakeup {
 public:
  void ring() {
    rung_.change([](bool& rung) { rung = true; });
  }
  /// Sleeps until rung, or until `wait_max` has passed.
  void wait(std::optional<Duration> wait_max) {
    rung_.wait(wait_max, [](bool& rung) { return std::exchange(rung, false); });
  }

 private:
  Monitored<bool> rung_;
};

}  // namespace edgeseal::agent
