// SPDX-License-Identifier: GPL-3.0-or-later
// One gateway's tree of settings to typed options, by the schema.
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

/// Fills the options from `tree` (variables put in) and from the schema's defaults. Complains of everything that is
/// not as the schema says; what is wrong keeps its default, so that the other checks can still be made.
[[nodiscard]] Read read_options(const Node& tree, const Sources& sources, Report& report);

}  // namespace edgeseal::config
