// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/mqtt/topic_filter.h"

#include <utility>

#include "crypto/base/utf8.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kFilterBytesMax = 65535;  // MQTT 5.0 section 1.5.4: a UTF-8 string's length has two bytes
constexpr std::string_view kShare = "$share/";

/// Walks the levels of a topic or filter. An empty text has one level, which is empty.
class Levels {
 public:
  explicit Levels(std::string_view text) : rest_(text) {}
  [[nodiscard]] std::optional<std::string_view> next() {
    if (!rest_) return std::nullopt;
    const std::size_t slash = rest_->find('/');
    const std::string_view level = rest_->substr(0, slash);
    if (slash == std::string_view::npos) {
      rest_.reset();
    } else {
      rest_->remove_prefix(slash + 1);
    }
    return level;
  }

 private:
  std::optional<std::string_view> rest_;
};

bool is_shared(std::string_view filter) { return filter.starts_with(kShare); }

/// FILTER of "$share/NAME/FILTER"; anything else as it is.
std::string_view without_share(std::string_view filter) {
  if (!is_shared(filter)) return filter;
  const std::size_t slash = filter.find('/', kShare.size());
  return slash == std::string_view::npos ? std::string_view{} : filter.substr(slash + 1);
}

Problem filter_expected(std::string_view what, std::string fix = {}) {
  return {.expected = "an MQTT topic filter" + std::string(what), .fix = std::move(fix)};
}

std::optional<Problem> levels_problem(std::string_view filter) {
  Levels levels(filter);
  bool ended = false;
  while (const auto level = levels.next()) {
    if (ended) return filter_expected(" with # as its last level only");  // [MQTT-4.7.1-1]
    ended = *level == "#";
    if (level->size() > 1 && level->find_first_of("+#") != std::string_view::npos) {
      return filter_expected(" with # and + as whole levels only", "write a/+/b, not a/x+/b");  // [MQTT-4.7.1-2]
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> topic_filter_form(std::string_view filter) {
  if (filter.empty()) return filter_expected(" of at least one character");                 // [MQTT-4.7.3-1]
  if (filter.find('\0') != std::string_view::npos) return filter_expected(" without NUL");  // [MQTT-4.7.3-2]
  if (filter.size() > kFilterBytesMax) return filter_expected(" of at most 65,535 bytes");  // [MQTT-4.7.3-3]
  if (!is_utf8(filter)) return filter_expected(" in UTF-8");                                // section 4.7.3
  if (is_shared(filter)) {                                                                  // section 4.8.2
    const std::string_view name = filter.substr(kShare.size(), filter.find('/', kShare.size()) - kShare.size());
    if (name.empty() || name.find_first_of("+#") != std::string_view::npos || without_share(filter).empty()) {
      return filter_expected(" in the form $share/NAME/FILTER");
    }
  }
  return levels_problem(without_share(filter));
}

bool filter_matches(std::string_view filter, std::string_view topic) {
  filter = without_share(filter);
  if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) return false;  // [MQTT-4.7.2-1]
  Levels wanted(filter);
  Levels given(topic);
  for (;;) {
    const auto want = wanted.next();
    if (want == "#") return true;  // also when the topic has ended: the parent level
    const auto have = given.next();
    if (!want || !have) return !want && !have;
    if (*want != "+" && *want != *have) return false;
  }
}

bool filter_covers(std::string_view covering, std::string_view covered) {
  if (is_shared(covering) || is_shared(covered)) return covering == covered;
  // A topic has at least one character [MQTT-4.7.3-1], so that these match no less when spelt longer.
  if (covered == "#") covered = "+/#";
  if (covered == "/#") covered = "/+/#";
  // Wildcards of `covered` stand for any level, so only wildcards can match them: it is read like a topic, except that
  // a "#" in it needs a "#" in the same place.
  if (covered.starts_with('$') && (covering.starts_with('+') || covering.starts_with('#'))) return false;
  Levels wider(covering);
  Levels narrower(covered);
  for (;;) {
    const auto wide = wider.next();
    if (wide == "#") return true;
    const auto narrow = narrower.next();
    if (!wide || !narrow) return !wide && !narrow;
    if (*narrow == "#") return false;
    if (*wide != "+" && *wide != *narrow) return false;
  }
}

}  // namespace edgeseal::transport
