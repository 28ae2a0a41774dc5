// SPDX-License-Identifier: GPL-3.0-or-later
// The schema in words, and as a table for people.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"
#include "config/units.h"

namespace edgeseal::config {
namespace {

std::string range_text(const Key& key, std::string (*format)(std::uint64_t)) {
  const auto [min, max] = key.range;
  if (max == UINT64_MAX && min == 0) return "";
  return " from " + format(min) + " to " + format(max);
}

std::string format_milliseconds(std::uint64_t count) {
  return format_duration(std::chrono::milliseconds(static_cast<std::int64_t>(count)));
}

std::string format_number(std::uint64_t number) { return std::to_string(number); }

}  // namespace

std::string type_text(const Key& key) {
  switch (key.type) {
    case Type::section:
      return "a map";
    case Type::text:
      return "text";
    case Type::path:
      return "a path";
    case Type::integer:
      if (key.range.min == key.range.max) return std::to_string(key.range.min);
      return "a whole number" + range_text(key, format_number);
    case Type::duration:
      return "a duration" + range_text(key, format_milliseconds);
    case Type::size:
      return "a size" + range_text(key, format_size);
    case Type::flag:
      return "true or false";
    case Type::choice:
      return either(key.choices) + (key.or_map ? " or a map" : "");
    case Type::list:
      if (key.range.max == UINT64_MAX) return "a list";
      return "a list of " + std::to_string(key.range.min) + " to " + std::to_string(key.range.max);
  }
  return {};
}

std::string variant_text(const Key& key) {
  const auto same = std::ranges::count(schema(), key.path, &Key::path);
  if (key.variant.empty() || same > 1) return "";
  return (key.path.starts_with("sinks.") ? "type: " : "wrap: ") + key.variant;
}

std::string fallback_text(const Key& key) {
  if (key.required) return "required";
  if (key.fallback) return "`" + *key.fallback + "`";
  return key.fallback_note;
}

std::string to_markdown() {
  std::string table = "| setting | value | default | |\n| --- | --- | --- | --- |\n";
  std::string previous;
  for (const Key& key : schema()) {
    if (key.path == previous) continue;  // the same for another variant
    previous = key.path;
    std::string name = key.path;
    if (const auto star = name.find('*'); star != std::string::npos) name.replace(star, 1, "NAME");
    std::string help = key.help;
    if (const std::string variant = variant_text(key); !variant.empty()) help += " (" + variant + ")";
    for (const std::string& cell : {"`" + name + "`", type_text(key), fallback_text(key), help}) {
      table.append("| ").append(cell).append(" ");
    }
    table += "|\n";
  }
  return table;
}

}  // namespace edgeseal::config
