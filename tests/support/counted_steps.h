// SPDX-License-Identifier: GPL-3.0-or-later
// How much a parser does: a figure that does not depend on the machine, as a stopwatch would.
#pragma once
#include <cstddef>

namespace edgeseal::test {

/// Steps on this thread so far: blocks of code that were entered in files compiled with
/// -fsanitize-coverage=trace-pc, and bytes that memcpy, memmove, memset, memcmp and memchr were given by any file of
/// the program (tests/unit/growth/CMakeLists.txt sets both up).
[[nodiscard]] std::size_t steps();

}  // namespace edgeseal::test
