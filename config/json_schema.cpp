// SPDX-License-Identifier: GPL-3.0-or-later
// The schema as JSON Schema. It never refuses what the reader takes; where it takes what the reader refuses, the reason
// is one of those in tests/unit/config/json_schema_test.cpp.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "config/number_pattern.h"
#include "config/overlay.h"
#include "config/schema.h"
#include "config/units.h"

namespace edgeseal::config {
namespace {

using Json = nlohmann::ordered_json;

// Parts of texts as config/substitute.cpp reads them; what a variable brings is not known here.
const std::string kOrdinary = R"((?!\$?\$\{)[^\u0000-\u001f\u007f])";
const std::string kEscape = R"(\$\$\{)";
const std::string kVariable = R"(\$\{[A-Za-z_][A-Za-z0-9_]*(:-((?!\$\{)[^}])*)?\})";
const std::string kFixed = "(" + kEscape + "|" + kOrdinary + ")*";
const std::string kAnyText = "^(" + kEscape + "|" + kVariable + "|" + kOrdinary + ")*$";
const std::string kTextWithVariable =
    "^" + kFixed + kVariable + "(" + kEscape + "|" + kVariable + "|" + kOrdinary + ")*$";

constexpr const char* kNamePattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";  // check_name

Json string_like(std::string pattern) { return {{"type", "string"}, {"pattern", std::move(pattern)}}; }

/// What is no text may also be made by variables.
Json or_variable(std::vector<Json> choices) {
  choices.push_back(string_like(kTextWithVariable));
  return {{"anyOf", choices}};
}

/// YAML's numbers and truths are texts where texts are wanted.
Json text_schema(bool may_be_empty) {
  Json text = string_like(kAnyText);
  if (!may_be_empty) text["minLength"] = 1;
  return {{"anyOf", Json::array({std::move(text), {{"type", Json::array({"number", "boolean"})}}})}};
}

/// Numbers with a unit that come to a value in the row's range, and to a multiple of its step.
std::string scaled_pattern(const Key& key, std::span<const Scale> scales) {
  std::string pattern;
  for (const Scale& scale : scales) {
    const std::uint64_t step = std::max(key.step, scale.factor);
    const std::uint64_t min = (key.range.min + step - 1) / step;
    const std::uint64_t max = key.range.max / step;
    if (min > max) continue;
    std::string zeros = std::to_string(step / scale.factor).substr(1);  // a step is a power of ten of such units
    pattern.append(pattern.empty() ? "^(" : "|").append(number_pattern(min, max)).append(zeros).append(scale.unit);
  }
  return pattern + ")$";
}

Json integer_schema(const Key& key) {
  return or_variable({{{"type", "integer"}, {"minimum", key.range.min}, {"maximum", key.range.max}},
                      string_like("^" + number_pattern(key.range.min, key.range.max) + "$")});
}

Json choice_schema(const Key& key) {
  Json words = key.choices;
  for (const std::string& choice : key.choices) {
    if (choice.find_first_not_of("0123456789") == std::string::npos) words.push_back(std::stoi(choice));
  }
  return key.literal ? Json{{"enum", words}} : or_variable({{{"enum", words}}});
}

Json list_schema(const Key& key) {
  Json list = {{"type", "array"}, {"items", text_schema(false)}, {"uniqueItems", true}, {"minItems", key.range.min}};
  list["maxItems"] = key.range.max;
  return list;
}

Json type_schema(const Key& key) {
  switch (key.type) {
    case Type::section:
      return {{"type", "object"}};
    case Type::text:
    case Type::path:
      return text_schema(key.may_be_empty);
    case Type::integer:
      return integer_schema(key);
    case Type::duration:
      return or_variable({string_like(scaled_pattern(key, duration_scales()))});
    case Type::size:
      return or_variable({string_like(scaled_pattern(key, size_scales()))});
    case Type::flag:
      return or_variable({{{"enum", Json::array({true, false, "true", "false"})}}});
    case Type::choice:
      return choice_schema(key);
    case Type::list:
      return list_schema(key);
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

Json or_null(Json schema) { return {{"anyOf", Json::array({std::move(schema), {{"type", "null"}}})}}; }

/// Of two settings only one is given; null takes one away.
Json not_both(const std::string& one, const std::string& other) {
  const Json given = {{"not", {{"type", "null"}}}};
  return {{"not", {{"required", Json::array({one, other})}, {"properties", {{one, given}, {other, given}}}}}};
}

/// Where a setting decides which others there are, and it is given: of the others there is at most a null.
Json only_of_variant(const Block& block, const Block& decider, const std::string& variant) {
  Json properties = Json::object();
  for (const Block& child : block.children) {
    if (child.row(variant) == nullptr) properties[child.name] = {{"type", "null"}};
  }
  return {{"if", {{"required", Json::array({decider.name})}, {"properties", {{decider.name, {{"const", variant}}}}}}},
          {"then", {{"properties", std::move(properties)}}}};
}

/// What holds between the settings of a map, as far as one file alone can be wrong.
Json rules(const Block& block) {
  Json all = Json::array();
  const std::vector<std::string>& names = block.rows.empty() ? std::vector<std::string>{} : block.rows.front()->one_of;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = i + 1; j < names.size(); ++j) all.push_back(not_both(names[i], names[j]));
  }
  for (const Block& decider : block.children) {
    const std::vector<std::string>& variants = decider.rows.front()->choices;
    const bool decides = std::ranges::any_of(block.children, [&](const Block& child) {
      return std::ranges::find(variants, child.rows.front()->variant) != variants.end();
    });
    for (const std::string& variant : variants) {
      if (decides) all.push_back(only_of_variant(block, decider, variant));
    }
  }
  return all;
}

Json object_schema(const Block& block);

/// A map whose names the user chooses.
Json named_schema(Json entry) {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", kNamePattern}}},
          {"maxProperties", kEntriesMax},
          {"additionalProperties", std::move(entry)}};
}

/// What may stand at `block`: a value, a map of settings, or either.
Json block_schema(const Block& block) {
  const Key& key = *block.rows.front();
  if (block.children.empty()) return describe_key(key);
  const Block* any = block.find("*");
  Json map = any == nullptr ? object_schema(block) : named_schema(or_null(block_schema(*any)));
  if (!key.one_of.empty()) map["minProperties"] = 1;
  if (Json all = rules(block); !all.empty()) map["allOf"] = std::move(all);
  if (key.type == Type::section) {
    map["description"] = key.help;
    return map;
  }
  return {{"description", key.help}, {"anyOf", Json::array({describe_key(key), std::move(map)})}};
}

/// A map of settings. null removes what an earlier layer says; what is required may stand in another file.
Json object_schema(const Block& block) {
  Json properties = Json::object();
  for (const Block& child : block.children) properties[child.name] = or_null(block_schema(child));
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

/// Settings of one gateway: all but what only a whole file can have.
Json gateway_schema() {
  Json properties = Json::object();
  for (const Block& child : schema_tree().children) {
    if (std::ranges::find(kFileOnly, child.name) != kFileOnly.end()) continue;
    properties[child.name] = {{"$ref", "#/properties/" + child.name}};
  }
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

}  // namespace

std::string to_json_schema() {
  const Json gateway = {{"$ref", "#/$defs/gateway"}};
  Json root = object_schema(schema_tree());
  Json& properties = root["properties"];
  const auto replace = [&](const char* name, Json schema) {
    Json& old = properties[name]["anyOf"][0];
    schema["description"] = old["description"];
    old = std::move(schema);
  };
  replace("sources", named_schema({{"$ref", "#/properties/source"}}));
  replace("gateways", {{"type", "object"}, {"additionalProperties", or_null(gateway)}});
  replace("groups", {{"type", "array"},
                     {"items",
                      {{"type", "object"},
                       {"additionalProperties", false},
                       {"required", Json::array({"match", "set"})},
                       {"properties", {{"match", text_schema(false)}, {"set", gateway}}}}}});
  Json document = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "edgeseal configuration"}};
  document["$defs"] = {{"gateway", gateway_schema()}};
  document.update(root);
  return document.dump(2) + "\n";
}

}  // namespace edgeseal::config
