// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/overlay.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fnmatch.h>

#include "config/yaml_source.h"

namespace edgeseal::config {
namespace {

/// Lays settings of one gateway over others, without what only a whole file can have.
void merge_overlay(Node& base, Node settings, const std::string& path, Report& report) {
  for (const std::string_view name : kFileOnly) {
    const Node child = settings.take(name);
    if (child.key.empty()) continue;
    report.error(child.key_origin, path + "." + child.key,
                 "expected settings of a gateway, found " + in_quotes(child.key) + ", which only a whole file can have",
                 "move it to the top level");
  }
  merge(base, std::move(settings));
}

void check_group(const Node& group, const std::string& path, Report& report) {
  if (!group.is(Node::Kind::map)) {
    report.error(group.origin, path, "expected {match: GLOB, set: {…}}, found " + kind_of(group));
    return;
  }
  for (const Node& child : group.children) {
    if (child.key == "match" || child.key == "set") continue;
    report.error(child.key_origin, path + "." + child.key, "expected match or set, found " + in_quotes(child.key),
                 "settings of a group stand under its set:");
  }
  const Node* match = group.find("match");
  if (match == nullptr || !match->is(Node::Kind::scalar) || match->text.empty()) {
    report.error(match == nullptr ? group.origin : match->origin, path + ".match",
                 "expected a glob on gateway names, found " + (match == nullptr ? "nothing" : describe(*match)),
                 "write match: truck-*");
  }
  const Node* set = group.find("set");
  if (set == nullptr || !set->is(Node::Kind::map)) {
    report.error(set == nullptr ? group.origin : set->origin, path + ".set",
                 "expected a map of settings, found " + (set == nullptr ? "nothing" : kind_of(*set)));
  }
}

bool fits(const Node& group, const std::string& name) {
  const Node* match = group.find("match");
  return match != nullptr && ::fnmatch(match->text.c_str(), name.c_str(), 0) == 0;
}

}  // namespace

std::string kind_of(const Node& node) { return node.is(Node::Kind::scalar) ? "a single value" : describe(node); }

void merge(Node& base, Node over) {
  if (!base.is(Node::Kind::map)) {
    base.kind = Node::Kind::map;
    base.origin = over.origin;
    base.text.clear();
    base.children.clear();
  }
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < base.children.size(); ++i) places.emplace(base.children[i].key, i);
  std::vector<bool> removed(base.children.size());
  for (Node& child : over.children) {
    const auto place = places.find(child.key);
    if (child.is(Node::Kind::null)) {
      if (place != places.end()) removed[place->second] = true;
    } else if (child.is(Node::Kind::map)) {
      if (place == places.end()) {
        Node added;
        added.kind = Node::Kind::map;
        added.origin = child.origin;
        added.key = child.key;
        added.key_origin = child.key_origin;
        merge(added, std::move(child));
        base.children.push_back(std::move(added));
      } else {
        merge(base.children[place->second], std::move(child));
      }
    } else if (place == places.end()) {
      base.children.push_back(std::move(child));
    } else {
      base.children[place->second] = std::move(child);
    }
  }
  std::size_t at = 0;
  std::erase_if(base.children, [&](const Node&) {
    const std::size_t place = at++;
    return place < removed.size() && removed[place];
  });
}

void add_file(Fleet& fleet, Node file) {
  Node gateways = file.take("gateways");
  if (gateways.is(Node::Kind::null)) {
    if (!gateways.key.empty()) fleet.gateways.clear();
  } else {
    fleet.gateways.push_back(std::move(gateways));
  }
  merge(fleet.base, std::move(file));
}

void check_fleet(Fleet& fleet, Report& report) {
  fleet.groups = fleet.base.take("groups");
  if (fleet.groups.is(Node::Kind::list)) {
    for (std::size_t i = 0; i < fleet.groups.children.size(); ++i) {
      check_group(fleet.groups.children[i], "groups[" + std::to_string(i) + "]", report);
    }
  } else if (!fleet.groups.is(Node::Kind::null)) {
    report.error(fleet.groups.origin, "groups",
                 "expected a list of {match: GLOB, set: {…}}, found " + kind_of(fleet.groups));
  }
  for (const Node& gateways : fleet.gateways) {
    if (!gateways.is(Node::Kind::map)) {
      report.error(gateways.origin, "gateways",
                   "expected a map from gateway names to settings, found " + kind_of(gateways));
    }
    if (!gateways.is(Node::Kind::map)) continue;
    for (const Node& gateway : gateways.children) {
      std::vector<const Node*>& said = fleet.by_name[gateway.key];
      if (said.empty()) fleet.gateway_names.push_back(gateway.key);
      said.push_back(&gateway);
    }
  }
}

Node gateway_settings(const Fleet& fleet, const std::string& name, Report& report) {
  Node settings = fleet.base;
  bool known = false;
  for (std::size_t i = 0; i < fleet.groups.children.size(); ++i) {
    const Node& group = fleet.groups.children[i];
    if (!fits(group, name)) continue;
    known = true;
    if (const Node* set = group.find("set")) {
      merge_overlay(settings, *set, "groups[" + std::to_string(i) + "].set", report);
    }
  }
  // Each file's own settings are laid on one after the other; those before a null of the whole gateway do not count.
  std::vector<const Node*> own;
  const auto named = fleet.by_name.find(name);
  for (const Node* said : named == fleet.by_name.end() ? std::vector<const Node*>{} : named->second) {
    known = true;
    if (said->is(Node::Kind::null)) {
      own.clear();
    } else if (said->is(Node::Kind::map)) {
      own.push_back(said);
    } else {
      report.error(said->origin, "gateways." + name, "expected a map of settings, found " + kind_of(*said), "write {}");
    }
  }
  for (const Node* said : own) merge_overlay(settings, *said, "gateways." + name, report);
  if (!known && !fleet.gateway_names.empty()) {
    const auto near = nearest(name, fleet.gateway_names);
    report.warning(fleet.gateways.back().key_origin, "gateways",
                   "names neither " + in_quotes(name) + " nor a group that fits it, so it gets what all have",
                   near ? "is " + *near + " meant?" : "");
  }
  return settings;
}

std::optional<Node> parse_set(const Sources& sources, std::uint32_t source, Report& report) {
  const std::string& text = sources[source]->text;
  const std::size_t equals = text.find('=');
  const std::string path = text.substr(0, equals);
  if (equals == std::string::npos || path.empty() || path.starts_with('.') || path.ends_with('.') ||
      path.find("..") != std::string::npos || path.find_first_of(":@ ") != std::string::npos ||
      std::ranges::count(path, '.') >= std::ptrdiff_t{kYamlDepthMax}) {
    report.error({source, 0, 0}, {}, "expected path.to.key=value", "for example --set spool.max_bytes=1GiB");
    return std::nullopt;
  }
  SourceText value = *sources[source];
  value.text = text.substr(equals + 1);
  Sources with_value = sources;
  with_value[source] = &value;
  std::optional<Node> parsed = parse_yaml(with_value, source, report);
  if (!parsed) return std::nullopt;
  Node node = std::move(*parsed);
  std::size_t end = path.size();
  while (true) {
    const std::size_t dot = path.rfind('.', end - 1);
    node.key = dot == std::string::npos ? path.substr(0, end) : path.substr(dot + 1, end - dot - 1);
    node.key_origin = {source, 0, 0};
    Node parent;
    parent.kind = Node::Kind::map;
    parent.origin = {source, 0, 0};
    parent.children.push_back(std::move(node));
    node = std::move(parent);
    if (dot == std::string::npos) break;
    end = dot;
  }
  return node;
}

}  // namespace edgeseal::config
