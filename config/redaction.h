// SPDX-License-Identifier: GPL-3.0-or-later
// Which lines of a configuration no complaint may show. By default none may: only values of settings whose row of the
// schema calls them harmless are shown, and a misspelt or misplaced secret stands under a name that has no such row.
#pragma once
#include <cstdint>
#include <set>
#include <utility>

#include "config/node.h"

namespace edgeseal::config {

/// Sources and their lines.
using HiddenLines = std::set<std::pair<std::uint32_t, std::uint32_t>>;

/// Adds the lines of `file`, a whole file's tree, on which a value begins that is not known to be harmless.
void hide_values(const Node& file, HiddenLines& hidden);

}  // namespace edgeseal::config
