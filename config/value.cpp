// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/value.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <climits>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "config/characters.h"
#include "config/units.h"
#include "crypto/base/ensure.h"
#include "crypto/base/utf8.h"

namespace edgeseal::config {
namespace {

std::string example(const Key& key) {
  return key.sample.empty() ? "" : "for example " + key.name() + ": " + key.sample;
}

using Outcome = tl::expected<Value, Problem>;

/// What holds for every string: the environment and YAML's escapes can bring in anything.
std::optional<Problem> check_characters(std::string_view text) {
  if (!is_utf8(text)) return Problem{"UTF-8"};
  if (std::ranges::any_of(text, is_control)) return Problem{"text without control characters"};
  return std::nullopt;
}

std::optional<Problem> check_range(const Key& key, std::uint64_t number) {
  if (number < key.range.min || number > key.range.max) return Problem{type_text(key)};
  if (number % key.step != 0) return Problem{"whole seconds", "write " + std::to_string(number / key.step + 1) + "s"};
  return std::nullopt;
}

Outcome read_text(const Key& key, const std::string& text) {
  if (text.empty() && key.may_be_empty) return Value{.text = text};
  if (key.form != nullptr) {
    if (auto problem = key.form(text)) return tl::unexpected(std::move(*problem));
  }
  return Value{.text = text};
}

Outcome read_path(const Key& key, const std::string& text, const std::filesystem::path& folder) {
  constexpr std::size_t kPathBytesMax = 4095;
  static_assert(kPathBytesMax == PATH_MAX - 1, "without the NUL");
  if (text.empty() && key.may_be_empty) return Value{.text = text};
  if (text.empty() || text.size() > kPathBytesMax) return tl::unexpected(Problem{"a path of 1 to 4,095 bytes"});
  Value value{.text = (folder / text).lexically_normal().string()};
  if (key.form != nullptr) {
    if (auto problem = key.form(value.text)) return tl::unexpected(std::move(*problem));
  }
  return value;
}

Outcome read_integer(const Key& key, const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return tl::unexpected(Problem{type_text(key)});
  if (auto problem = check_range(key, number)) return tl::unexpected(std::move(*problem));
  return Value{.text = std::to_string(number), .number = number};
}

Outcome read_duration(const Key& key, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(duration.error());
  const auto number = static_cast<std::uint64_t>(duration->count());
  if (auto problem = check_range(key, number)) return tl::unexpected(std::move(*problem));
  return Value{.text = format_duration(*duration), .number = number};
}

Outcome read_size(const Key& key, const std::string& text) {
  const auto bytes = parse_size(text);
  if (!bytes) return tl::unexpected(bytes.error());
  if (auto problem = check_range(key, *bytes)) return tl::unexpected(std::move(*problem));
  return Value{.text = format_size(*bytes), .number = *bytes};
}

Outcome read_flag(const std::string& text) {
  if (text == "true" || text == "false") return Value{.text = text, .number = text == "true" ? 1U : 0U};
  const bool yes = text == "yes" || text == "on" || text == "True";
  const bool no = text == "no" || text == "off" || text == "False";
  return tl::unexpected(Problem{"true or false", yes ? "write true" : no ? "write false" : ""});
}

Outcome read_choice(const Key& key, const std::string& text) {
  const auto at = std::ranges::find(key.choices, text);
  if (at != key.choices.end()) {
    return Value{.text = text, .number = static_cast<std::uint64_t>(at - key.choices.begin())};
  }
  const auto near = nearest(text, key.choices);
  return tl::unexpected(Problem{type_text(key), near ? "did you mean " + *near + "?" : example(key)});
}

Outcome read_scalar(const Key& key, const Node& node, const Sources& sources) {
  ENSURE(key.type != Type::section && key.type != Type::list);
  if (auto problem = check_characters(node.text)) return tl::unexpected(std::move(*problem));
  switch (key.type) {
    case Type::text:
      return read_text(key, node.text);
    case Type::path:
      return read_path(key, node.text, sources[node.origin.source]->folder);
    case Type::integer:
      return read_integer(key, node.text);
    case Type::duration:
      return read_duration(key, node.text);
    case Type::size:
      return read_size(key, node.text);
    case Type::flag:
      return read_flag(node.text);
    case Type::choice:
      return read_choice(key, node.text);
    case Type::section:
    case Type::list:
      break;
  }
  return {};  // not reached: see above
}

std::optional<Value> read_list(const Key& key, const Node& node, const std::string& path, Report& report) {
  if (node.children.size() < key.range.min || node.children.size() > key.range.max) {  // before work that many cost
    report.error(node.origin, path, "expected " + type_text(key) + ", found " + std::to_string(node.children.size()),
                 example(key));
    return std::nullopt;
  }
  Value value;
  std::unordered_set<std::string_view> seen;
  bool good = true;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Node& item = node.children[i];
    std::optional<Problem> problem;
    if (!item.is(Node::Kind::scalar)) problem = Problem{"text"};
    if (!problem) problem = check_characters(item.text);
    if (!problem) problem = key.form(item.text);
    if (problem) {
      report.error(item.origin, path + "[" + std::to_string(i) + "]",
                   "expected " + problem->expected + ", found " + describe(item), problem->fix);
      good = false;
    } else if (!seen.insert(item.text).second) {
      report.error(item.origin, path + "[" + std::to_string(i) + "]",
                   "expected each item once, found " + describe(item) + " again", "remove it");
      good = false;
    }
    value.items.push_back(item.text);
  }
  return good ? std::optional(std::move(value)) : std::nullopt;
}

}  // namespace

std::optional<Value> read_value(const Key& key, const Node& node, const std::string& path, const Sources& sources,
                                Report& report) {
  if (key.type == Type::list) {
    if (node.is(Node::Kind::list)) return read_list(key, node, path, report);
    report.error(node.origin, path, "expected a list, found " + describe(node),
                 node.is(Node::Kind::scalar) ? "write [" + describe(node) + "]" : example(key));
    return std::nullopt;
  }
  if (!node.is(Node::Kind::scalar)) {
    report.error(node.origin, path, "expected " + type_text(key) + ", found " + describe(node), example(key));
    return std::nullopt;
  }
  Outcome outcome = read_scalar(key, node, sources);
  if (outcome) return std::move(*outcome);
  // What may stand before the @ of a URL is a password.
  const bool shown = key.harmless && node.text.find('@') == std::string::npos;
  report.error(
      node.origin, path,
      "expected " + outcome.error().expected + ", found " + (shown ? describe(node) : "what is not shown here"),
      outcome.error().fix, shown ? Report::Excerpt::shown : Report::Excerpt::hidden);
  return std::nullopt;
}

}  // namespace edgeseal::config
