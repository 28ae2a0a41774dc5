// SPDX-License-Identifier: GPL-3.0-or-later
// Lays settings over settings: later files over earlier files, then groups, then the gateway's own settings, then
// --set. Maps are merged. Lists and scalars replace what was there, and null removes it. Every value keeps its origin.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/diagnostics.h"
#include "config/node.h"

namespace edgeseal::config {

/// What stands in the place of a map, for a complaint. It never gives the text, which may be a misplaced secret.
[[nodiscard]] std::string kind_of(const Node& node);

/// Lays `over` over `base`.
void merge(Node& base, Node over);

/// What only a whole file can have, not the settings of one gateway.
inline constexpr std::array<std::string_view, 4> kFileOnly = {"version", "gateway", "groups", "gateways"};

/// What some files say together, before a gateway is chosen.
struct Fleet {
  Node base;    ///< a map: all but `groups` and `gateways`
  Node groups;  ///< a list of {match, set}, or null
  /// What each file says under `gateways`, in the order of the files: maps, whose nulls are still to be applied.
  std::vector<Node> gateways;
  std::vector<std::string> gateway_names;  ///< of all of them, each once, in their order
  /// What stands under each name, in the order of the files; into `gateways`.
  std::unordered_map<std::string, std::vector<const Node*>> by_name{};
};

/// Adds `file`, a map, to what earlier files say. Its `gateways` are kept apart, so that a null there also removes what
/// the base or a group says. `gateways: null` takes back the gateways of earlier files.
void add_file(Fleet& fleet, Node file);

/// Complains of groups and gateways that are not built as they must be, and fills in the names of the gateways.
/// REQUIRES: all files have been added. From now on `fleet` is not moved.
void check_fleet(Fleet& fleet, Report& report);

/// The settings of the gateway called `name`: first the base, then each group whose `match` fits (fnmatch(3): * ?
/// [a-z]) in order, then the settings under its name, file by file. A null under its name takes back what earlier files
/// say there. Complains of keys that only a whole file can have. Warns when the files name gateways, but neither this
/// one nor a group that fits it.
[[nodiscard]] Node gateway_settings(const Fleet& fleet, const std::string& name, Report& report);

/// sources[source] holds "path.to.key=value", the value in YAML: the tree that says so, to lay over others. Complains,
/// and gives nothing, when there is no `=`, a part of the path is empty, or the value is no YAML.
[[nodiscard]] std::optional<Node> parse_set(const Sources& sources, std::uint32_t source, Report& report);

}  // namespace edgeseal::config
