// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the known name that a misspelt name was probably meant to be.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace edgeseal {

/// The one of `names` that `wrong` is nearest to, by optimal string alignment distance (insert, remove, change, swap)
/// without regard to case. Nothing when none is near enough: at most one letter in three may differ, or one in all.
[[nodiscard]] std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> names);

}  // namespace edgeseal
