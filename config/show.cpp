// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/show.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "crypto/base/shown_text.h"

namespace edgeseal::config {
namespace {

using Json = nlohmann::ordered_json;

/// ${ is written $${, so that it is not taken for a variable when read again.
std::string escaped(std::string_view text) {
  std::string result;
  while (true) {
    const std::size_t at = text.find("${");
    if (at == std::string_view::npos) return result.append(text);
    result.append(text.substr(0, at)).append("$${");
    text.remove_prefix(at + 2);
  }
}

Json value_of(const Setting& setting) {
  const Value& value = setting.value;
  switch (setting.type) {
    case Type::integer:
      return value.number;
    case Type::flag:
      return value.number != 0;
    case Type::list: {
      Json items = Json::array();
      for (const std::string& item : value.items) items.push_back(escaped(item));
      return items;
    }
    case Type::section:
    case Type::text:
    case Type::path:
    case Type::duration:
    case Type::size:
    case Type::choice:
      break;
  }
  return escaped(value.text);
}

/// Words that YAML reads as themselves stay bare. A JSON value is a YAML 1.2 value, so all else is written as JSON.
std::string yaml_of(const Json& value) {
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '/' || c == '.' || c == ':';
  };
  const bool bare = !text.empty() && std::ranges::all_of(text, plain) && text[0] != '-' && text.back() != ':' &&
                    text != "null" && text != "Null" && text != "NULL" && text != "true" && text != "false";
  return bare ? text : value.dump();
}

std::string to_yaml(std::span<const Setting> settings, bool origins) {
  std::string out = "version: 1\n";
  std::vector<std::string> open;
  for (const Setting& setting : settings) {
    const std::size_t last = setting.path.size() - 1;
    std::size_t depth = 0;
    while (depth < last && depth < open.size() && open[depth] == setting.path[depth]) ++depth;
    open.resize(depth);
    for (; depth < last; ++depth) {
      out += std::string(2 * depth, ' ') + yaml_of(setting.path[depth]) + ":\n";
      open.push_back(setting.path[depth]);
    }
    out += std::string(2 * depth, ' ') + yaml_of(setting.path[last]) + ": " + yaml_of(value_of(setting));
    out += origins ? "  # " + shown(setting.origin) + "\n" : "\n";
  }
  return out;
}

std::string to_json(std::span<const Setting> settings, bool origins) {
  Json tree = {{"version", 1}};
  Json places = Json::object();
  for (const Setting& setting : settings) {
    Json* at = &tree;
    std::string path;
    for (const std::string& part : setting.path) {
      at = &(*at)[part];
      path += (path.empty() ? "" : ".") + part;
    }
    *at = value_of(setting);
    places[path] = shown(setting.origin);  // a file name need not be UTF-8
  }
  if (!origins) return tree.dump(2) + "\n";
  return Json{{"settings", tree}, {"origins", places}}.dump(2) + "\n";
}

}  // namespace

std::string show(std::span<const Setting> settings, ShowFormat format, bool origins) {
  return format == ShowFormat::json ? to_json(settings, origins) : to_yaml(settings, origins);
}

}  // namespace edgeseal::config
