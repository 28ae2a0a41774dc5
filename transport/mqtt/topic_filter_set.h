// SPDX-License-Identifier: GPL-3.0-or-later
// Many topic filters, and which of them cover or overlap another, without looking at each.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace edgeseal::transport {

/// Filters by their levels, as a tree. Each question looks at no more than kStepsMax places in it, so that asking for
/// each of n filters takes time that grows with n: what lies beyond, as it may where thousands of filters differ in
/// where their wildcards stand, is not found. Filters of more than kLevelsMax levels are found by their equals alone.
/// Threads: one at a time.
class TopicFilterSet {
 public:
  static constexpr std::size_t kStepsMax = 4096;
  static constexpr std::size_t kLevelsMax = 128;

  /// REQUIRES: `filter` is valid (topic_filter.h). Of those that match the same, the first stays.
  void insert(std::string_view filter, std::size_t id);

  /// The ids of those that cover `filter`, which is valid; its equal too. See filter_covers.
  [[nodiscard]] std::vector<std::size_t> covering(std::string_view filter) const;

  /// The id of one that has a topic in common with `filter`, which is valid. Shared subscriptions, which get a share of
  /// their messages, are left out.
  [[nodiscard]] std::optional<std::size_t> overlapping(std::string_view filter) const;

  /// Places that all questions so far have looked at.
  [[nodiscard]] std::size_t steps() const { return steps_; }

 private:
  struct Node {
    std::map<std::string, std::uint32_t, std::less<>> below{};  ///< by level: places in nodes_
    std::optional<std::size_t> id{};                            ///< of the filter that ends here
    std::optional<std::size_t> any_id{};                        ///< of one that ends here or below
  };
  using Nodes = std::vector<const Node*>;
  [[nodiscard]] const Node* child(const Node& node, std::string_view level) const;
  void add_child(Nodes& nodes, const Node& node, std::string_view level) const;

  std::vector<Node> nodes_{1};                          ///< the first is the root
  std::unordered_map<std::string, std::size_t> exact_;  ///< shared and very long ones
  mutable std::size_t steps_ = 0;
};

}  // namespace edgeseal::transport
