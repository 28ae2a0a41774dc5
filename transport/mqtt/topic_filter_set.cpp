// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/mqtt/topic_filter_set.h"

#include <algorithm>
#include <utility>

#include "transport/mqtt/topic_filter.h"

namespace edgeseal::transport {
namespace {

/// Nothing for those that are kept by their text alone.
std::optional<std::vector<std::string_view>> levels_of(std::string_view filter) {
  if (filter.starts_with("$share/")) return std::nullopt;
  // A topic has at least one character [MQTT-4.7.3-1], so that these match no less when spelt longer.
  if (filter == "#") filter = "+/#";
  if (filter == "/#") filter = "/+/#";
  std::vector<std::string_view> levels;
  for (;;) {
    const std::size_t slash = filter.find('/');
    levels.push_back(filter.substr(0, slash));
    if (slash == std::string_view::npos) return levels;
    if (levels.size() == TopicFilterSet::kLevelsMax) return std::nullopt;
    filter.remove_prefix(slash + 1);
  }
}

}  // namespace

const TopicFilterSet::Node* TopicFilterSet::child(const Node& node, std::string_view level) const {
  const auto at = node.below.find(level);
  return at == node.below.end() ? nullptr : &nodes_[at->second];
}

void TopicFilterSet::add_child(Nodes& nodes, const Node& node, std::string_view level) const {
  if (const Node* next = child(node, level)) nodes.push_back(next);
}

void TopicFilterSet::insert(std::string_view filter, std::size_t id) {
  const auto levels = levels_of(filter);
  if (!levels) {
    exact_.emplace(filter, id);
    return;
  }
  std::uint32_t at = 0;
  for (const std::string_view level : *levels) {
    if (!nodes_[at].any_id) nodes_[at].any_id = id;
    const auto [below, added] = nodes_[at].below.emplace(level, static_cast<std::uint32_t>(nodes_.size()));
    at = below->second;
    if (added) nodes_.emplace_back();
  }
  if (!nodes_[at].any_id) nodes_[at].any_id = id;
  if (!nodes_[at].id) nodes_[at].id = id;
}

// Wildcards of `filter` stand for any level, so only wildcards can match them: it is read like a topic, except that a
// "#" in it needs a "#" in the same place.
std::vector<std::size_t> TopicFilterSet::covering(std::string_view filter) const {
  std::vector<std::size_t> found;
  const auto levels = levels_of(filter);
  if (!levels) {
    if (const auto equal = exact_.find(std::string(filter)); equal != exact_.end()) found.push_back(equal->second);
    return found;
  }
  const auto take = [&found](const Node* node) {
    if (node != nullptr && node->id) found.push_back(*node->id);
  };
  const std::size_t steps_end = steps_ + kStepsMax;
  Nodes here{&nodes_.front()};
  for (std::size_t i = 0; i < levels->size() && !here.empty(); ++i) {
    const std::string_view level = (*levels)[i];
    const bool wild = i > 0 || !level.starts_with('$');  // [MQTT-4.7.2-1]
    Nodes next;
    for (const Node* node : here) {
      if (steps_++ == steps_end) return found;
      if (wild) take(child(*node, "#"));
      if (level == "#") continue;
      if (level != "+") add_child(next, *node, level);
      if (wild) add_child(next, *node, "+");
    }
    here = std::move(next);
  }
  for (const Node* node : here) {
    take(node);
    take(child(*node, "#"));  // the parent level
  }
  return found;
}

std::optional<std::size_t> TopicFilterSet::overlapping(std::string_view filter) const {
  const auto levels = levels_of(filter);
  if (!levels) return std::nullopt;
  const std::size_t steps_end = steps_ + kStepsMax;
  Nodes here{&nodes_.front()};
  for (std::size_t i = 0; i < levels->size() && !here.empty(); ++i) {
    const std::string_view level = (*levels)[i];
    const bool wild = i > 0 || !level.starts_with('$');  // [MQTT-4.7.2-1]
    Nodes next;
    for (const Node* node : here) {
      if (steps_++ == steps_end) return std::nullopt;
      if (const Node* rest = wild ? child(*node, "#") : nullptr) return rest->id;
      if (level == "#" && node->any_id) return node->any_id;
      if (level == "+") {
        for (const auto& [name, place] : node->below) {
          if (steps_++ == steps_end) return std::nullopt;
          if (i > 0 || !name.starts_with('$')) next.push_back(&nodes_[place]);
        }
      } else if (level != "#") {
        add_child(next, *node, level);
        if (wild) add_child(next, *node, "+");
      }
    }
    here = std::move(next);
  }
  for (const Node* node : here) {
    if (node->id) return node->id;
    if (const Node* rest = child(*node, "#")) return rest->id;
  }
  return std::nullopt;
}

std::vector<Subscription> minimal_cover(const std::vector<Subscription>& subscriptions) {
  TopicFilterSet set;
  for (std::size_t i = 0; i < subscriptions.size(); ++i) set.insert(subscriptions[i].filter, i);
  std::vector<Subscription> raised = subscriptions;
  std::vector<bool> needed(subscriptions.size());
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    const std::vector<std::size_t> covering = set.covering(subscriptions[i].filter);
    for (const std::size_t other : covering) raised[other].qos = std::max(raised[other].qos, subscriptions[i].qos);
    // Of equal ones the first is in the set, and finds itself.
    needed[i] = std::ranges::all_of(covering, [i](std::size_t other) { return other == i; });
  }
  std::vector<Subscription> kept;
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    if (needed[i]) kept.push_back(std::move(raised[i]));
  }
  return kept;
}

}  // namespace edgeseal::transport
