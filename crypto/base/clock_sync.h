// SPDX-License-Identifier: GPL-3.0-or-later
// Whether this machine's clock follows a reference.
#pragma once
#include "crypto/base/time.h"

namespace edgeseal {

/// Asks the kernel (adjtimex(2), which only reads here). ProtectClock= of the shipped unit forbids even that. Then it
/// looks at a file that systemd-timesyncd touches whenever it has synchronised the clock
/// (systemd-timesyncd.service(8)). Threads: any.
[[nodiscard]] bool clock_follows_reference();

/// Whether the file was touched within nine hours of `now`, before or after. For so long after the last word of a
/// reference the kernel itself calls a clock synchronised (an error of 16 s at 500 ppm). False when there is no file.
[[nodiscard]] bool was_synced_lately(const char* stamp, WallTime now);

}  // namespace edgeseal
