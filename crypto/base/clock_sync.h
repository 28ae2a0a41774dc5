// SPDX-License-Identifier: GPL-3.0-or-later
// Whether this machine's clock follows a reference.
#pragma once
#include "crypto/base/time.h"

namespace edgeseal {

/// Asks the kernel (adjtimex(2), read-only). Where a sandbox forbids even that, as ProtectClock= of the shipped unit
/// does, asks for the sign that systemd-timesyncd gives: a file that it touches whenever it has synchronised
/// (systemd-timesyncd.service(8)). Any thread.
[[nodiscard]] bool clock_follows_reference();

/// Whether the file was touched within nine hours of `now`, before or after: so long the kernel itself calls a clock
/// synchronised that hears nothing any more (an error of 16 s at 500 ppm). False when it is not there.
[[nodiscard]] bool was_synced_lately(const char* stamp, WallTime now);

}  // namespace edgeseal
