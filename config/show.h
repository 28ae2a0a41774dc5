// SPDX-License-Identifier: GPL-3.0-or-later
// Prints the configuration that is in effect: files merged, variables replaced, defaults filled in, paths absolute.
#pragma once
#include <span>
#include <string>

#include "config/reader.h"

namespace edgeseal::config {

enum class ShowFormat { yaml, json };

/// The settings as a configuration. When it is loaded, it gives the same options. With `origins`, each line of YAML
/// ends in a comment that says where the value comes from; JSON is an object of two members then, "settings" and
/// "origins": {"spool.max_bytes": "…"}. It holds no secrets, because settings only refer to them.
[[nodiscard]] std::string show(std::span<const Setting> settings, ShowFormat format, bool origins);

}  // namespace edgeseal::config
