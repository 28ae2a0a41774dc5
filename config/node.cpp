// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/node.h"

#include <algorithm>
#include <utility>

#include "config/diagnostics.h"

namespace edgeseal::config {

const Node* Node::find(std::string_view name) const {
  if (kind != Kind::map) return nullptr;
  const auto at = std::ranges::find(children, name, &Node::key);
  return at == children.end() ? nullptr : &*at;
}

Node Node::take(std::string_view name) {
  if (kind != Kind::map) return {};
  const auto at = std::ranges::find(children, name, &Node::key);
  if (at == children.end()) return {};
  Node taken = std::move(*at);
  children.erase(at);
  return taken;
}

Node scalar(std::string text, Origin origin) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = std::move(text);
  node.origin = origin;
  return node;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return in_quotes(node.text);
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return {};
}

}  // namespace edgeseal::config
