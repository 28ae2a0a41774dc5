// SPDX-License-Identifier: GPL-3.0-or-later
// Checks what can only be false through a bug of ours. Wrong input never reaches it; input is judged with Result.
#pragma once
#include <string_view>

namespace edgeseal {
/// Prints the condition and its place, then aborts. A restart loses nothing that was acknowledged.
[[noreturn]] void ensure_failed(std::string_view condition, const char* file, int line);
}  // namespace edgeseal

/// Aborts, in every build, unless `condition` holds.
#define ENSURE(condition) ((condition) ? void(0) : ::edgeseal::ensure_failed(#condition, __FILE__, __LINE__))
