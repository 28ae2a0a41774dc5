// SPDX-License-Identifier: GPL-3.0-or-later
// Which lines of a configuration no complaint may show. A value is shown only if its row of the schema calls it
// harmless. So a misspelt or misplaced secret is hidden: it stands under a name that has no such row.
#pragma once
#include <cstdint>
#include <set>
#include <utility>

#include "config/node.h"

namespace edgeseal::config {

/// Sources and their lines.
using HiddenLines = std::set<std::pair<std::uint32_t, std::uint32_t>>;

/// Adds each line of `file` on which a value begins that is not known to be harmless. `file` is the tree of a whole
/// file.
void hide_values(const Node& file, HiddenLines& hidden);

}  // namespace edgeseal::config
