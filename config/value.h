// SPDX-License-Identifier: GPL-3.0-or-later
// One value of the tree, judged by its row of the schema.
#pragma once
#include <optional>
#include <string>

#include "config/diagnostics.h"
#include "config/node.h"
#include "config/schema.h"

namespace edgeseal::config {

/// The value of `node` as `key` wants it, paths made absolute; complains under `path` and gives nothing when it is not
/// of the row's type, form or range.
[[nodiscard]] std::optional<Value> read_value(const Key& key, const Node& node, const std::string& path,
                                              const Sources& sources, Report& report);

}  // namespace edgeseal::config
