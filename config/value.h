// SPDX-License-Identifier: GPL-3.0-or-later
// Judges one value of the tree by its row of the schema.
#pragma once
#include <optional>
#include <string>

#include "config/diagnostics.h"
#include "config/node.h"
#include "config/schema.h"

namespace edgeseal::config {

/// The value of `node` as `key` wants it. Paths become absolute. When it does not have the row's type, form or range,
/// it complains under `path`, and gives nothing.
[[nodiscard]] std::optional<Value> read_value(const Key& key, const Node& node, const std::string& path,
                                              const Sources& sources, Report& report);

}  // namespace edgeseal::config
