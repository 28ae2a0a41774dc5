// SPDX-License-Identifier: GPL-3.0-or-later
// How long a source waits before it tries the broker again.
#pragma once
#include <algorithm>
#include <chrono>

namespace edgeseal::transport {

inline constexpr std::chrono::milliseconds kReconnectDelayMin{1000};
inline constexpr std::chrono::milliseconds kReconnectDelayMax{30000};
inline constexpr std::chrono::seconds kConnectionStands{30};
static_assert(2 * kReconnectDelayMin <= kReconnectDelayMax, "the first delay is spread over as long as the least");

/// How many attempts have failed in a row. `failures` of them were before an attempt whose connection lasted for
/// `lasted` (0: no connection was made). A brief connection counts as a failure. Otherwise two clients with one id,
/// which throw each other out, would do so at full speed for ever.
[[nodiscard]] inline unsigned failures_after(unsigned failures, std::chrono::nanoseconds lasted) {
  return lasted >= kConnectionStands ? 0 : failures + 1;
}

/// After `failures` attempts in a row that failed (0: a connection that stood was lost). `draw`, from 0 to 1, spreads
/// the gateways of a site that lost their broker together over the whole time: from 1 s to 2 s at first, the bound
/// doubling up to 30 s.
[[nodiscard]] inline std::chrono::milliseconds reconnect_delay(unsigned failures, double draw) {
  const auto bound = std::min(kReconnectDelayMax, kReconnectDelayMin * (2L << std::min(failures, 10U)));
  return kReconnectDelayMin +
         std::chrono::milliseconds{static_cast<long>(draw * static_cast<double>((bound - kReconnectDelayMin).count()))};
}

}  // namespace edgeseal::transport
