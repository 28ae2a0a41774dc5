// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/substitute.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace edgeseal::config {
namespace {

/// A default, and what is no reference, may be a secret.
constexpr auto kHidden = Report::Excerpt::hidden;

std::optional<std::string> host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return std::nullopt;
  return std::string(name.data());
}

/// POSIX: letters, digits and _, no digit first.
bool is_variable_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::ranges::all_of(name, [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

/// The text of one reference, what stands between its braces.
std::optional<std::string> value_of(std::string_view reference, const Node& node, const std::string& path,
                                    const Environment& environment, Report& report) {
  const std::size_t dash = reference.find(":-");
  const std::string name(reference.substr(0, dash));
  if (!is_variable_name(name)) {
    report.error(node.origin, path, "expected ${NAME} or ${NAME:-default}, found ${ with something else behind it",
                 "write $${ for the characters ${ themselves", kHidden);
    return std::nullopt;
  }
  if (dash != std::string_view::npos && reference.find("${", dash) != std::string_view::npos) {
    report.error(node.origin, path, "expected a default without a variable in it, found ${ in that of " + name,
                 "write the default out, or set " + name, kHidden);
    return std::nullopt;
  }
  std::optional<std::string> value = environment(name);
  if (!value && name == "HOSTNAME") value = host_name();
  if (dash != std::string_view::npos && (!value || value->empty())) return std::string(reference.substr(dash + 2));
  if (!value) {
    report.error(node.origin, path, "expected the environment variable " + name + " to be set, found it unset",
                 "set it, or write ${" + name + ":-default}");
  }
  return value;
}

void substitute_text(Node& node, const std::string& path, const Environment& environment, Report& report) {
  std::string result;
  std::string_view rest = node.text;
  while (true) {
    const std::size_t begin = rest.find("${");
    if (begin == std::string_view::npos) break;
    if (begin > 0 && rest[begin - 1] == '$') {
      result.append(rest.substr(0, begin - 1)).append("${");
      rest.remove_prefix(begin + 2);
      continue;
    }
    const std::size_t end = rest.find('}', begin);
    if (end == std::string_view::npos) {
      report.error(node.origin, path, "expected } after ${, found the end of the value",
                   "write $${ for the characters ${ themselves");
      return;
    }
    const auto value = value_of(rest.substr(begin + 2, end - begin - 2), node, path, environment, report);
    if (!value) return;
    result.append(rest.substr(0, begin)).append(*value);
    rest.remove_prefix(end + 1);
  }
  node.text = result.append(rest);
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

void substitute(Node& node, const std::string& path, const Environment& environment, Report& report) {
  if (node.is(Node::Kind::scalar)) return substitute_text(node, path, environment, report);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Node& child = node.children[i];
    std::string below = path;
    if (node.is(Node::Kind::list)) {
      below += "[" + std::to_string(i) + "]";
    } else {
      below += (path.empty() ? "" : ".") + child.key;
    }
    substitute(child, below, environment, report);
  }
}

}  // namespace edgeseal::config
