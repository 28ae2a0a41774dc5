// SPDX-License-Identifier: GPL-3.0-or-later
// Turns YAML text into a tree of settings. This is the only user of yaml-cpp, and catches what it throws.
// Source: YAML 1.2.2, of which it takes one document per file, text as the only scalar (the schema knows the types),
// anchors and aliases. It takes no merge keys (`<<` is of YAML 1.1).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "config/diagnostics.h"
#include "config/node.h"

namespace edgeseal::config {

inline constexpr std::size_t kYamlBytesMax = std::size_t{1} << 20;      ///< of a file
inline constexpr std::size_t kYamlDepthMax = 24;                        ///< maps and lists within each other
inline constexpr std::size_t kYamlKeyBytesMax = 256;                    ///< of a name, all of which stand in paths
inline constexpr std::size_t kYamlValuesMax = 200'000;                  ///< in a file, aliases expanded
inline constexpr std::size_t kYamlTextBytesMax = std::size_t{4} << 20;  ///< of all scalars, aliases expanded

/// Parses sources[source]. Refuses, with an error in `report` for each reason: more than kYamlBytesMax, bytes that are
/// not UTF-8, control characters, broken YAML, a second document, a key given twice, a key that is no text, more depth
/// or values than the bounds above. An empty text is a null node.
[[nodiscard]] std::optional<Node> parse_yaml(const Sources& sources, std::uint32_t source, Report& report);

}  // namespace edgeseal::config
