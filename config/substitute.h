// SPDX-License-Identifier: GPL-3.0-or-later
// ${NAME} and ${NAME:-default} from the environment, in any string value. $${ stands for ${ itself; any other $ is an
// ordinary character, as in $SYS. What is put in is not looked at again, and never becomes YAML.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "config/diagnostics.h"
#include "config/node.h"

namespace edgeseal::config {

/// The value of an environment variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// This process's, as getenv(3) sees it.
[[nodiscard]] Environment process_environment();

/// Replaces every reference in the strings of `node` and below; the names of keys stay as they are. The default is used
/// for a variable that is not set or empty, and ends at the next `}`. HOSTNAME, which shells do not export, is the
/// machine's name when the environment has none. Complains of a variable without value and default, of a reference that
/// does not end, and of a bad name. `path` is the path of `node`, for these complaints.
void substitute(Node& node, const std::string& path, const Environment& environment, Report& report);

}  // namespace edgeseal::config
