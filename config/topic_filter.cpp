// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/topic_filter.h"

#include <cstddef>
#include <string>

namespace edgeseal::config {
namespace {

constexpr std::size_t kTopicBytesMax = 65'535;  // spec: MQTT 5.0, 1.5.4 UTF-8 Encoded String

constexpr std::string_view kShare = "$share/";

bool is_shared(std::string_view filter) { return filter.starts_with(kShare); }

/// Walks through the levels of a filter, which a '/' separates; empty levels count.
class Levels {
 public:
  explicit Levels(std::string_view filter) : rest_(filter) {}
  [[nodiscard]] std::optional<std::string_view> next() {
    if (ended_) return std::nullopt;
    const std::size_t slash = rest_.find('/');
    const std::string_view level = rest_.substr(0, slash);
    ended_ = slash == std::string_view::npos;
    if (!ended_) rest_.remove_prefix(slash + 1);
    return level;
  }

 private:
  std::string_view rest_;
  bool ended_ = false;
};

}  // namespace

std::optional<Problem> check_topic_filter(std::string_view filter) {
  const std::string expected = "an MQTT topic filter";
  if (filter.empty()) return Problem{expected + " of at least one character"};                 // spec: [MQTT-4.7.3-1]
  if (filter.find('\0') != std::string_view::npos) return Problem{expected + " without NUL"};  // spec: [MQTT-4.7.3-2]
  if (filter.size() > kTopicBytesMax) return Problem{expected + " of at most 65,535 bytes"};   // spec: [MQTT-4.7.3-3]
  if (is_shared(filter)) {                                                                     // spec: MQTT 5.0, 4.8.2
    const std::size_t slash = filter.find('/', kShare.size());
    const std::string_view name = filter.substr(kShare.size(), slash - kShare.size());
    if (name.empty() || name.find_first_of("#+") != std::string_view::npos || slash == std::string_view::npos ||
        slash + 1 == filter.size()) {
      return Problem{expected + " in the form $share/NAME/FILTER"};
    }
    filter.remove_prefix(slash + 1);
  }
  Levels levels(filter);
  bool multi_level_seen = false;
  while (const auto level = levels.next()) {
    if (multi_level_seen) return Problem{expected + " with # as its last level only"};  // spec: [MQTT-4.7.1-1]
    multi_level_seen = *level == "#";
    const bool wildcard = level->find_first_of("#+") != std::string_view::npos;
    if (wildcard && level->size() > 1) {  // spec: [MQTT-4.7.1-1], [MQTT-4.7.1-2]
      return Problem{expected + " with # and + as whole levels only", "write a/+/b, not a/x+/b"};
    }
  }
  return std::nullopt;
}

bool covers(std::string_view outer, std::string_view inner) {
  if (is_shared(outer) || is_shared(inner)) return outer == inner;
  // Topics have at least one character (spec: [MQTT-4.7.3-1]), so these match no less when spelt longer.
  if (inner == "#") inner = "+/#";
  if (inner == "/#") inner = "/+/#";
  // spec: [MQTT-4.7.2-1]: a filter that begins with a wildcard does not match topics that begin with $.
  if (inner.starts_with('$') && !outer.starts_with('$')) return false;
  Levels outer_levels(outer);
  Levels inner_levels(inner);
  while (true) {
    const auto wide = outer_levels.next();
    const auto narrow = inner_levels.next();
    if (wide == "#") return true;  // also of the level above: a/# matches a
    if (!wide || !narrow) return !wide && !narrow;
    if (*narrow == "#") return false;
    if (*wide != "+" && *wide != *narrow) return false;
  }
}

}  // namespace edgeseal::config
