// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/upstream.h"

#include <utility>

namespace edgeseal::agent {

bool Upstream::session_lost(bool session_present) {
  const bool expected = std::exchange(mark_.session, true);
  if (!expected) first_count_ = changed_ = true;
  return expected && !session_present;
}

std::uint64_t Upstream::newly_dropped(std::uint64_t total) {
  const std::uint64_t before = std::exchange(mark_.broker_dropped, total);
  if (before != total) changed_ = true;
  if (std::exchange(first_count_, false)) return 0;
  return total >= before ? total - before : total;
}

}  // namespace edgeseal::agent
