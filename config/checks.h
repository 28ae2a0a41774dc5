// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold between settings that are each right by themselves.
#pragma once
#include "config/diagnostics.h"
#include "config/node.h"
#include "config/options.h"

namespace edgeseal::config {

/// Adds to `report` an error or a warning for each pair of settings that do not fit together. `options` were read from
/// `tree`; the complaints point into it. A setting that already has a complaint is not judged again.
void check_options(const Options& options, const Node& tree, Report& report);

}  // namespace edgeseal::config
