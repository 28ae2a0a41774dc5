// SPDX-License-Identifier: GPL-3.0-or-later
// Which known name a misspelt one was meant to be.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace edgeseal {

/// The one of `names` that `wrong` most looks like, by optimal string alignment distance (insert, remove, change, swap)
/// without regard to case. Nothing when none is near enough to be meant: one in three letters, at least one.
[[nodiscard]] std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> names);

}  // namespace edgeseal
