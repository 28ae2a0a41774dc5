// SPDX-License-Identifier: GPL-3.0-or-later
// Durations (30s) and sizes (1MiB) as people write them: a whole number and a unit, with nothing in between.
#pragma once
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "config/diagnostics.h"

namespace edgeseal::config {

/// A unit, and how many milliseconds or bytes it has.
struct Scale {
  std::string unit;
  std::uint64_t factor = 1;
};
/// Units, smallest first: "ms s m h d" and "B KB KiB MB MiB GB GiB".
[[nodiscard]] std::span<const Scale> duration_scales();
[[nodiscard]] std::span<const Scale> size_scales();

/// Fails on a missing or unknown unit, a fraction, a sign, or more milliseconds (bytes) than 63 bits hold.
[[nodiscard]] tl::expected<std::chrono::milliseconds, Problem> parse_duration(std::string_view text);
[[nodiscard]] tl::expected<std::uint64_t, Problem> parse_size(std::string_view text);

/// In the largest unit that gives a whole number, sizes in binary units: 60000 → "1m", 1048576 → "1MiB", 0 → "0ms".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);
[[nodiscard]] std::string format_size(std::uint64_t bytes);

}  // namespace edgeseal::config
