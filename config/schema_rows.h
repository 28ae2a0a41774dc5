// SPDX-License-Identifier: GPL-3.0-or-later
// How rows of the schema are written: each names a member of an options struct, and takes its type, its default and
// how it is filled from that member. Only schema.cpp includes this.
#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "config/units.h"

namespace edgeseal::config::rows {

inline Key section(std::string path, std::string help) { return {.path = std::move(path), .help = std::move(help)}; }

/// A row that `store` puts where it belongs.
inline Key row(std::string path, Type type, std::string help, std::function<void(const Parts&, const Value&)> store) {
  return {.path = std::move(path), .type = type, .help = std::move(help), .store = std::move(store)};
}

template <typename Part, typename Text>
Key text_like(Type type, std::string path, Text Part::*member, std::string help) {
  Key key = row(std::move(path), type, std::move(help),
                [member](const Parts& parts, const Value& value) { parts.get<Part>().*member = value.text; });
  std::string initial = std::string(Part{}.*member);
  if (!initial.empty()) key.fallback = std::move(initial);
  key.harmless = true;
  return key;
}

template <typename Part>
Key text(std::string path, std::string Part::*member, Form form, std::string help) {
  Key key = text_like(Type::text, std::move(path), member, std::move(help));
  key.form = form;
  return key;
}

/// `Path` is std::string or std::filesystem::path.
template <typename Part, typename Path>
Key path(std::string name, Path Part::*member, std::string help) {
  return text_like(Type::path, std::move(name), member, std::move(help));
}

/// Without `range`, all that the member can hold.
template <typename Part, std::integral Int>
Key integer(std::string path, Int Part::*member, Range range, std::string help) {
  Key key = row(std::move(path), Type::integer, std::move(help), [member](const Parts& parts, const Value& value) {
    parts.get<Part>().*member = static_cast<Int>(value.number);
  });
  key.fallback = std::to_string(Part{}.*member);
  key.harmless = true;
  key.range = range;
  return key;
}

template <typename Part, typename Unit>
Key duration(std::string path, Unit Part::*member, std::chrono::milliseconds min, std::chrono::milliseconds max,
             std::string help) {
  Key key = row(std::move(path), Type::duration, std::move(help), [member](const Parts& parts, const Value& value) {
    parts.get<Part>().*member =
        std::chrono::duration_cast<Unit>(std::chrono::milliseconds(static_cast<std::int64_t>(value.number)));
  });
  key.fallback = format_duration(Part{}.*member);
  key.harmless = true;
  key.range = {static_cast<std::uint64_t>(min.count()), static_cast<std::uint64_t>(max.count())};
  key.step = static_cast<std::uint64_t>(std::chrono::milliseconds(Unit(1)).count());
  return key;
}

template <typename Part, std::unsigned_integral Int>
Key size(std::string path, Int Part::*member, Range range, std::string help) {
  Key key = row(std::move(path), Type::size, std::move(help), [member](const Parts& parts, const Value& value) {
    parts.get<Part>().*member = static_cast<Int>(value.number);
  });
  key.fallback = format_size(Part{}.*member);
  key.harmless = true;
  key.range = range;
  return key;
}

template <typename Part>
Key flag(std::string path, bool Part::*member, std::string help) {
  Key key = row(std::move(path), Type::flag, std::move(help),
                [member](const Parts& parts, const Value& value) { parts.get<Part>().*member = value.number != 0; });
  key.fallback = Part{}.*member ? "true" : "false";
  key.harmless = true;
  return key;
}

template <typename Part, typename Enum>
Key choice(std::string path, Enum Part::*member, std::vector<std::pair<std::string, Enum>> words, std::string help) {
  std::vector<std::string> choices;
  std::vector<Enum> meanings;
  std::optional<std::string> fallback;
  for (const auto& [word, meaning] : words) {
    choices.push_back(word);
    meanings.push_back(meaning);
    if (meaning == Part{}.*member) fallback = word;
  }
  Key key = row(std::move(path), Type::choice, std::move(help),
                [member, meanings = std::move(meanings)](const Parts& parts, const Value& value) {
                  parts.get<Part>().*member = meanings[value.number];
                });
  key.choices = std::move(choices);
  key.harmless = true;
  key.fallback = std::move(fallback);
  return key;
}

/// A list of one or more; an `Item` is made of each string by braces.
template <typename Part, typename Item>
Key list(std::string path, std::vector<Item> Part::*member, Form form, std::string help) {
  Key key = row(std::move(path), Type::list, std::move(help), [member](const Parts& parts, const Value& value) {
    auto& items = parts.get<Part>().*member;
    items.clear();
    for (const std::string& item : value.items) items.push_back(Item{item});
  });
  key.form = form;
  key.range = {1, 1000};
  key.harmless = true;
  return key;
}

// What can be said of a row in addition.

inline Key required(std::string sample, Key key) {
  key.required = true;
  key.fallback.reset();
  key.sample = std::move(sample);
  return key;
}
inline Key sampled(std::string sample, Key key) {
  key.sample = std::move(sample);
  return key;
}
inline Key noted(std::string note, Key key) {
  key.fallback_note = std::move(note);
  return key;
}
/// Where a password is easily put by mistake.
inline Key confidential(Key key) {
  key.harmless = false;
  return key;
}
inline Key harmless(Key key) {
  key.harmless = true;
  return key;
}
inline Key maybe_empty(Key key) {
  key.may_be_empty = true;
  return key;
}
inline Key only_for(std::string variant, Key key) {
  key.variant = std::move(variant);
  return key;
}

}  // namespace edgeseal::config::rows
