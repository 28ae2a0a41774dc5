// SPDX-License-Identifier: GPL-3.0-or-later
// A tree of settings, made of parsed YAML, that keeps the origin of every value.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/source_text.h"

namespace edgeseal::config {

struct Node {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  Origin origin;               ///< of the value; of its key where the value is null
  std::string text;            ///< scalar: its text, quotes and escapes undone
  std::string key;             ///< its name, in a map
  Origin key_origin;           ///< of that name
  std::vector<Node> children;  ///< map: in the order of the file, keys unique; list: its items

  [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
  /// The value of that name in a map; null when there is none.
  [[nodiscard]] const Node* find(std::string_view name) const;
  /// Takes the value of that name out of a map; a null node when there is none.
  Node take(std::string_view name);
};

/// A scalar, for values that no file holds.
[[nodiscard]] Node scalar(std::string text, Origin origin);

/// What a complaint says it found: `"60"`, "a list", "a map", "nothing". Long texts are cut.
[[nodiscard]] std::string describe(const Node& node);

}  // namespace edgeseal::config
