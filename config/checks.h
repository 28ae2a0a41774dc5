// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold between settings that are each right by themselves.
#pragma once
#include "config/diagnostics.h"
#include "config/node.h"
#include "config/options.h"

namespace edgeseal::config {

/// Complains (and warns) of what does not fit together in `options`, pointing into `tree`, which they were read from.
/// Leaves out what is already known to be wrong.
void check_options(const Options& options, const Node& tree, Report& report);

}  // namespace edgeseal::config
