// SPDX-License-Identifier: GPL-3.0-or-later
// The schema in words, as a table for people and as JSON Schema for editors.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "config/schema.h"
#include "config/units.h"

namespace edgeseal::config {
namespace {

using Json = nlohmann::ordered_json;

std::string range_text(const Key& key, std::string (*format)(std::uint64_t)) {
  const auto [min, max] = key.range;
  if (max == UINT64_MAX && min == 0) return "";
  return " from " + format(min) + " to " + format(max);
}

std::string format_milliseconds(std::uint64_t count) {
  return format_duration(std::chrono::milliseconds(static_cast<std::int64_t>(count)));
}

std::string format_number(std::uint64_t number) { return std::to_string(number); }

std::string units_pattern(std::span<const std::string> units) {
  std::string pattern;
  for (const std::string& unit : units) pattern += (pattern.empty() ? "^[0-9]+(" : "|") + unit;
  return pattern + ")$";
}

/// Any string may also be made by variables.
Json or_variable(Json schema) {
  return {{"anyOf", Json::array({std::move(schema), {{"type", "string"}, {"pattern", "\\$\\{"}}})}};
}

Json type_schema(const Key& key) {
  switch (key.type) {
    case Type::section:
      return {{"type", "object"}};
    case Type::text:
    case Type::path:
      return {{"type", Json::array({"string", "number"})}};
    case Type::integer:
      return or_variable({{"type", "integer"}, {"minimum", key.range.min}, {"maximum", key.range.max}});
    case Type::duration:
      return or_variable({{"type", "string"}, {"pattern", units_pattern(duration_units())}});
    case Type::size:
      return or_variable({{"type", "string"}, {"pattern", units_pattern(size_units())}});
    case Type::flag:
      return or_variable({{"type", "boolean"}});
    case Type::choice: {
      Json words = key.choices;
      for (const std::string& choice : key.choices) {
        if (!choice.empty() && std::ranges::all_of(choice, [](char c) { return c >= '0' && c <= '9'; })) {
          words.push_back(std::stoi(choice));
        }
      }
      return or_variable({{"enum", words}});
    }
    case Type::list:
      return {{"type", "array"}, {"items", {{"type", "string"}}}};
  }
  return {};
}

Json describe_key(const Key& key) {
  Json schema = type_schema(key);
  const std::string variant = variant_text(key);
  schema["description"] = key.help + (variant.empty() ? "" : " (" + variant + ")");
  if (key.fallback) schema["default"] = *key.fallback;
  if (!key.sample.empty()) schema["examples"] = Json::array({key.sample});
  return schema;
}

Json object_schema(const Block& block);

/// What may stand at `block`: a value, a map of settings, or either.
Json block_schema(const Block& block) {
  const Key& key = *block.rows.front();
  if (block.children.empty()) return describe_key(key);
  const Block* any = block.find("*");
  Json map =
      any == nullptr ? object_schema(block) : Json{{"type", "object"}, {"additionalProperties", block_schema(*any)}};
  if (key.type == Type::section) {
    map["description"] = key.help;
    return map;
  }
  return {{"description", key.help}, {"anyOf", Json::array({describe_key(key), std::move(map)})}};
}

/// A map of settings. null removes what an earlier layer says; what is required may stand in another file.
Json object_schema(const Block& block) {
  Json properties = Json::object();
  for (const Block& child : block.children) {
    properties[child.name] = {{"anyOf", Json::array({block_schema(child), {{"type", "null"}}})}};
  }
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

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

std::string to_json_schema() {
  Json root = object_schema(schema_tree());
  Json& properties = root["properties"];
  properties["sources"]["anyOf"][0] = {{"description", properties["sources"]["anyOf"][0]["description"]},
                                       {"type", "object"},
                                       {"additionalProperties", {{"$ref", "#/properties/source"}}}};
  properties["gateways"]["anyOf"][0] = {{"description", properties["gateways"]["anyOf"][0]["description"]},
                                        {"type", "object"},
                                        {"additionalProperties", {{"$ref", "#"}}}};
  properties["groups"]["anyOf"][0]["items"] = {
      {"type", "object"},
      {"additionalProperties", false},
      {"required", Json::array({"match", "set"})},
      {"properties", {{"match", {{"type", "string"}}}, {"set", {{"$ref", "#"}}}}}};
  Json document = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "edgeseal configuration"}};
  document.update(root);
  return document.dump(2) + "\n";
}

}  // namespace edgeseal::config
