// SPDX-License-Identifier: GPL-3.0-or-later
// For what can only be a bug of ours. Input of any kind never reaches it; that is what Result is for.
#pragma once
#include <string_view>

namespace edgeseal {
/// Prints the condition and its place, then aborts. A restart loses nothing acknowledged.
[[noreturn]] void ensure_failed(std::string_view condition, const char* file, int line);
}  // namespace edgeseal

/// Aborts, in every build, unless `condition` holds.
#define ENSURE(condition) ((condition) ? void(0) : ::edgeseal::ensure_failed(#condition, __FILE__, __LINE__))
