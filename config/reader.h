// SPDX-License-Identifier: GPL-3.0-or-later
// Turns the tree of one gateway's settings into typed options, as the schema says.
#pragma once
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/node.h"
#include "config/options.h"
#include "config/schema.h"

namespace edgeseal::config {

/// One setting as it takes effect, for `config show`.
struct Setting {
  std::vector<std::string> path;
  Type type = Type::text;
  Value value;         ///< durations and sizes: `text` is how one would write them
  std::string origin;  ///< "fleet.yaml:14:22", "default"
};

struct Read {
  Options options;
  std::vector<Setting> settings;  ///< in the order of the schema, entries of a block next to each other
};

/// Fills the options from `tree`, in which variables have been replaced, and from the schema's defaults. Adds an error
/// to `report` for everything that is not as the schema says. A wrong setting keeps its default, so that other checks
/// can still be made.
[[nodiscard]] Read read_options(const Node& tree, const Sources& sources, Report& report);

}  // namespace edgeseal::config
