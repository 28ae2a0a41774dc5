// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of settings. A row has a setting's name, type, default, range and help, and the option that it fills.
// The reader, its complaints, docs/configuration.md and the JSON Schema are all made from this table.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "config/forms.h"
#include "config/options.h"
#include "crypto/base/ensure.h"

namespace edgeseal::config {

/// The most routes, keys, sinks and sources that are taken.
inline constexpr std::size_t kEntriesMax = 1000;

enum class Type {
  section,   ///< a map of further settings
  text,      ///< a string of the row's form
  path,      ///< a file or folder; relative to the file that names it
  integer,   ///< a whole number
  duration,  ///< 30s
  size,      ///< 1MiB
  flag,      ///< true or false
  choice,    ///< one of a few words
  list,      ///< of strings, each of the row's form
};

/// A value that has passed its row's checks.
struct Value {
  std::string text;          ///< text, path (absolute), choice
  std::uint64_t number = 0;  ///< integer; duration in milliseconds; size in bytes; choice: its place; flag: 0 or 1
  std::vector<std::string> items{};  ///< list
};

/// Bounds of Value::number, or of the number of a list's items; both are allowed values.
struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
};

/// The structs that are being filled, at most one of each type. A row knows the type that is its own.
class Parts {
 public:
  /// Borrows `part`, which outlives this.
  template <typename Part>
  void add(Part& part) {
    parts_.emplace(typeid(Part), &part);
  }
  /// REQUIRES: one of this type was added.
  template <typename Part>
  [[nodiscard]] Part& get() const {
    const auto found = parts_.find(typeid(Part));
    ENSURE(found != parts_.end());
    return *static_cast<Part*>(found->second);
  }

 private:
  std::unordered_map<std::type_index, void*> parts_;
};

struct Key {
  std::string path;  ///< "routes.*.batch.max_age"; * stands for a name that the user chooses
  Type type = Type::section;
  std::string help;
  std::function<void(const Parts&, const Value&)> store{};  ///< none: the reader itself deals with it
  std::optional<std::string> fallback{};                    ///< default, as one would write it
  std::string fallback_note{};                              ///< a default that depends on other settings, in words
  std::string sample{};                                     ///< a value to show in complaints, tables and schemas
  bool required = false;
  bool literal = false;               ///< choice: read before variables are put in
  std::vector<std::string> one_of{};  ///< section, or_map: of these in it, exactly one is given
  bool harmless = false;              ///< a value may be shown; by default none is
  bool may_be_empty = false;          ///< text, path: "" is a value
  Range range{};
  std::uint64_t step = 1;  ///< duration: Value::number is a multiple of this
  std::vector<std::string> choices{};
  Form form = nullptr;    ///< of text, of a list's items; of a path once it is absolute
  bool or_map = false;    ///< choice: the rows below it may be given instead
  std::string variant{};  ///< only for sinks of this `type`, keys of this `wrap`
  std::string refusal{};  ///< section: why a bare value in its place is refused
  bool secret = false;    ///< section: such a bare value is not shown

  /// The name itself, what follows the last dot.
  [[nodiscard]] std::string name() const { return path.substr(path.rfind('.') + 1); }
};

/// All rows. A section comes before what is in it. The blocks under `sources` are built like `source`, and have no
/// rows.
[[nodiscard]] const std::vector<Key>& schema();

/// The same rows as the tree that they describe. Borrows from schema().
struct Block {
  std::string name;
  std::vector<const Key*> rows;  ///< one for each variant that has it
  std::vector<Block> children;

  [[nodiscard]] const Block* find(std::string_view child) const;
  /// Its row for that variant (or for all); null when it has none.
  [[nodiscard]] const Key* row(std::string_view variant) const;
  /// Names of the children that the variant may have.
  [[nodiscard]] std::vector<std::string> names(std::string_view variant) const;
};
[[nodiscard]] const Block& schema_tree();

/// Which variant the row is for, in words: "type: s3", "wrap: raw-rsa". Empty when it is for all.
[[nodiscard]] std::string variant_text(const Key& key);
/// The default in words, for tables: "20ms", "none".
[[nodiscard]] std::string fallback_text(const Key& key);
/// The type and its range in words: "duration, 1ms to 1m".
[[nodiscard]] std::string type_text(const Key& key);

/// The option table of docs/configuration.md, in Markdown.
[[nodiscard]] std::string to_markdown();
/// A JSON Schema (draft 2020-12) of single configuration files, for editors. It refuses nothing that the reader takes.
/// It takes more than the reader: files that others complete, texts of any form, and settings that do not fit together.
[[nodiscard]] std::string to_json_schema();

}  // namespace edgeseal::config
