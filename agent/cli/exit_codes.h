// SPDX-License-Identifier: GPL-3.0-or-later
// What the programs end with. Promised in the README; 64 and 78 are those of sysexits.h.
#pragma once

namespace edgeseal::agent {

inline constexpr int kExitFine = 0;
inline constexpr int kExitFailed = 1;   ///< a run-time failure
inline constexpr int kExitRefused = 2;  ///< edgeseal-open: some inputs could not be opened or verified
inline constexpr int kExitUsage = 64;   ///< wrong use
inline constexpr int kExitConfig = 78;  ///< configuration or key error: a restart mends nothing

}  // namespace edgeseal::agent
