// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/redaction.h"

#include "config/schema.h"

namespace edgeseal::config {
namespace {

void hide(const Node& node, const Block* block, HiddenLines& hidden);

/// What the schema says of the settings in `block` that the file calls `name`; null when it knows no such thing.
const Block* block_of(const Block* block, const std::string& name) {
  if (block == nullptr) return nullptr;
  const Block* known = block->find(name);
  return known == nullptr ? block->find("*") : known;
}

void hide_children(const Node& node, const Block* block, HiddenLines& hidden) {
  for (const Node& child : node.children) hide(child, block_of(block, child.key), hidden);
}

void hide(const Node& node, const Block* block, HiddenLines& hidden) {
  if (node.is(Node::Kind::map)) return hide_children(node, block, hidden);
  const bool harmless = block != nullptr && !block->rows.empty() && block->rows.front()->harmless;
  if (!harmless && node.is(Node::Kind::scalar)) hidden.emplace(node.origin.source, node.origin.line);
  for (const Node& item : node.children) hide(item, block, hidden);
}

/// A map of blocks whose names the user chooses.
void hide_each(const Node& map, const Block* block, HiddenLines& hidden) {
  if (!map.is(Node::Kind::map)) return hide(map, nullptr, hidden);
  for (const Node& child : map.children) hide(child, block, hidden);
}

void hide_groups(const Node& groups, HiddenLines& hidden) {
  if (!groups.is(Node::Kind::list)) return hide(groups, nullptr, hidden);
  for (const Node& group : groups.children) {
    if (!group.is(Node::Kind::map)) hide(group, nullptr, hidden);
    for (const Node& child : group.children) {
      if (child.key != "match") hide(child, child.key == "set" ? &schema_tree() : nullptr, hidden);
    }
  }
}

}  // namespace

void hide_values(const Node& file, HiddenLines& hidden) {
  const Block& top = schema_tree();
  for (const Node& child : file.children) {
    if (child.key == "sources") {
      hide_each(child, top.find("source"), hidden);
    } else if (child.key == "gateways") {
      hide_each(child, &top, hidden);
    } else if (child.key == "groups") {
      hide_groups(child, hidden);
    } else {
      hide(child, top.find(child.key), hidden);
    }
  }
}

}  // namespace edgeseal::config
