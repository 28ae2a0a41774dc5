// SPDX-License-Identifier: GPL-3.0-or-later
// Prints a configuration as it takes effect: defaults filled in, layers merged, variables put in, paths absolute.
#pragma once
#include <span>
#include <string>

#include "config/reader.h"

namespace edgeseal::config {

enum class ShowFormat { yaml, json };

/// The settings as a configuration that loads to the same options. With `origins`, YAML ends each line in a comment
/// that says where the value comes from; JSON becomes {"settings": …, "origins": {"spool.max_bytes": "…"}}. Holds no
/// secrets, for settings only refer to them.
[[nodiscard]] std::string show(std::span<const Setting> settings, ShowFormat format, bool origins);

}  // namespace edgeseal::config
