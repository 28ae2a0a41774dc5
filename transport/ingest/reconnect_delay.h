// SPDX-License-Identifier: GPL-3.0-or-later
// How long a source waits before it tries the broker again.
#pragma once
#include <algorithm>
#include <chrono>

namespace edgeseal::transport {

inline constexpr std::chrono::milliseconds kReconnectDelayMin{1000};
inline constexpr std::chrono::milliseconds kReconnectDelayMax{30000};

/// After `failures` attempts in a row that did not connect (0: a connection that stood was lost). `draw`, from 0 to 1,
/// spreads the gateways of a site that lost their broker together over the whole time: from 1 s to 2 s at first, the
/// bound doubling up to 30 s.
[[nodiscard]] inline std::chrono::milliseconds reconnect_delay(unsigned failures, double draw) {
  const auto bound = std::min(kReconnectDelayMax, kReconnectDelayMin * (2L << std::min(failures, 10U)));
  return kReconnectDelayMin +
         std::chrono::milliseconds{static_cast<long>(draw * static_cast<double>((bound - kReconnectDelayMin).count()))};
}

}  // namespace edgeseal::transport
