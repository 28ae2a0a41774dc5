// SPDX-License-Identifier: GPL-3.0-or-later
// Ranges of whole numbers as regular expressions, for the JSON Schema of values that stand in strings.
#pragma once
#include <cstdint>
#include <string>

namespace edgeseal::config {

/// A regular expression (ECMA-262) that whole texts of the numbers from `min` to `max` match, and no others: decimal
/// digits, zeros in front allowed. Not anchored. REQUIRES: min <= max.
[[nodiscard]] std::string number_pattern(std::uint64_t min, std::uint64_t max);

}  // namespace edgeseal::config
