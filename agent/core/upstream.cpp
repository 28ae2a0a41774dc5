// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/upstream.h"

#include <utility>

namespace edgeseal::agent {

bool Upstream::session_lost(bool session_present) {
  const bool expected = std::exchange(mark_.session, true);
  if (!expected) changed_ = true;
  return expected && !session_present;
}

std::uint64_t Upstream::newly_dropped(std::uint64_t total) {
  const auto before = std::exchange(mark_.broker_dropped, total);
  if (before != total) changed_ = true;
  if (!before) return 0;  // the broker is new to us: its count so far is not our loss
  return total >= *before ? total - *before : total;
}

}  // namespace edgeseal::agent
