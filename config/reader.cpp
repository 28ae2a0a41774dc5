// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/reader.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "config/forms.h"
#include "config/overlay.h"
#include "config/units.h"
#include "config/value.h"
#include "crypto/base/ensure.h"

namespace edgeseal::config {
namespace {

constexpr Origin kDefault{0, 0, 0};

/// Blocks at the top that are read one by one, not as plain settings.
constexpr std::array<std::string_view, 8> kReadApart = {"version", "source", "sources", "keys",
                                                        "routes",  "sinks",  "groups",  "gateways"};

class Reader {
 public:
  Reader(const Node& tree, const Sources& sources, Report& report) : tree_(tree), sources_(sources), report_(report) {}

  Read read() && {
    Options& o = read_.options;
    const Block& top = schema_tree();
    Parts parts;
    for_each_part(o, [&parts](auto& part) { parts.add(part); });
    refuse_unknown(top, tree_, "", "");
    for (const std::string_view name : {"groups", "gateways"}) {
      if (const Node* node = tree_.find(name)) {
        report_.error(node->key_origin, std::string(name),
                      "expected settings of one gateway, found a part of the fleet's", "write it in a file");
      }
    }
    for (const Block& child : top.children) {
      if (child.name == "source") {
        read_sources();
      } else if (child.name == "keys") {
        for_each_entry("keys", [&](const Node& entry, const std::string& path) { read_key(entry, path); });
      } else if (child.name == "routes") {
        for_each_entry("routes", [&](const Node& entry, const std::string& path) { read_route(entry, path); });
      } else if (child.name == "sinks") {
        for_each_entry("sinks", [&](const Node& entry, const std::string& path) { read_sink(entry, path); });
      } else if (std::ranges::find(kReadApart, child.name) == kReadApart.end()) {
        read_child(child, tree_.find(child.name), "", tree_.origin, parts, "");
      }
    }
    return std::move(read_);
  }

 private:
  enum class MustFit { yes, no };  ///< into the whole spool
  [[nodiscard]] static std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }

  void refuse_unknown(const Block& block, const Node& node, const std::string& path, const std::string& variant) {
    const std::vector<std::string> names = block.names(variant);
    for (const Node& child : node.children) {
      if (std::ranges::find(names, child.key) != names.end()) continue;
      if (report_.full()) {
        report_.error(child.key_origin, {}, {}, {}, Report::Excerpt::hidden);
        continue;
      }
      const auto near = nearest(child.key, names);
      if (near) misspelt_.insert(below(path, *near));
      report_.error(child.key_origin, below(path, child.key),
                    "expected " + either(names) + ", found " + in_quotes(child.key), advice(block, child.key, near),
                    Report::Excerpt::hidden);  // what stands there may be a secret whose name is misspelt
    }
  }

  /// What may have been meant by the unknown key `wrong`.
  [[nodiscard]] static std::string advice(const Block& block, const std::string& wrong,
                                          const std::optional<std::string>& near) {
    if (wrong == "<<") return "merge keys are not supported: use groups:, or an alias for the whole value";
    if (const Block* other = block.find(wrong)) return "only with " + variant_text(*other->rows.front());
    for (const Block& child : block.children) {
      if (child.find(wrong) != nullptr) return "it belongs under " + child.name + ":";
    }
    return near ? "did you mean " + *near + "?" : "";
  }

  void read_block(const Block& block, const Node* node, const std::string& path, const Origin& place,
                  const Parts& parts, const std::string& variant) {
    if (node != nullptr) refuse_unknown(block, *node, path, variant);
    for (const Block& child : block.children) {
      const Node* value = node == nullptr ? nullptr : node->find(child.name);
      if (child.row(variant) != nullptr) read_child(child, value, path, place, parts, variant);
    }
  }

  void read_child(const Block& child, const Node* node, const std::string& parent, const Origin& place,
                  const Parts& parts, const std::string& variant) {
    const Key& key = *child.row(variant);
    const std::string path = below(parent, child.name);
    const bool map = node != nullptr && node->is(Node::Kind::map);
    if (key.type != Type::section && !(map && !child.children.empty())) {
      read_leaf(key, node, path, place, parts);
    } else if (node == nullptr || map) {
      read_block(child, node, path, node == nullptr ? place : node->key_origin, parts, variant);
      if (node != nullptr && !key.one_of.empty()) demand_one_of(*node, path, key.one_of);
    } else if (key.refusal.empty()) {
      report_.error(node->origin, path, "expected a map of settings, found " + kind_of(*node), {},
                    Report::Excerpt::hidden);
    } else {
      report_.error(node->origin, path, key.refusal, "write " + key.name() + ": " + key.sample,
                    key.secret ? Report::Excerpt::hidden : Report::Excerpt::shown);
    }
  }

  void read_leaf(const Key& key, const Node* node, const std::string& path, const Origin& place, const Parts& parts) {
    if (!report_.clean(path)) return;  // a variable in it is not set, say
    if (node == nullptr && key.required) {
      if (misspelt_.contains(path)) return;
      report_.error(place, path, "expected " + type_text(key) + ", found nothing",
                    "write " + key.name() + ": " + key.sample);
      return;
    }
    const auto computed = computed_.find(path);
    const std::optional<std::string> fallback = computed == computed_.end() ? key.fallback : computed->second;
    if (node == nullptr && !fallback) return;
    const Node initial = node == nullptr ? scalar(*fallback, kDefault) : Node{};
    const Node& chosen = node == nullptr ? initial : *node;
    auto value = read_value(key, chosen, path, sources_, report_);
    ENSURE(value || node != nullptr);
    if (!value) return;
    const auto share = shares_of_spool_.find(path);
    if (share != shares_of_spool_.end() && !keep_to_share(path, share->second, node, *value)) return;
    if (key.store) key.store(parts, *value);
    show(path, key.type, std::move(*value), describe(sources_, chosen.origin));
  }

  void show(const std::string& path, Type type, Value value, std::string origin) {
    Setting setting{.path = {}, .type = type, .value = std::move(value), .origin = std::move(origin)};
    std::size_t begin = 0;
    while (begin <= path.size()) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      setting.path.push_back(path.substr(begin, end - begin));
      begin = end + 1;
    }
    read_.settings.push_back(std::move(setting));
  }

  /// The size of the spool, which bounds settings that are read before it.
  [[nodiscard]] std::uint64_t spool_bytes_max() const {
    const Node* spool = tree_.find("spool");
    const Node* node = spool == nullptr ? nullptr : spool->find("max_bytes");
    if (node == nullptr) return storage::SpoolOptions{}.bytes_max;
    Report unheard(sources_);  // what is wrong with it is told when its turn comes
    const auto value =
        read_value(*schema_tree().find("spool")->find("max_bytes")->row(""), *node, "", sources_, unheard);
    return value ? value->number : storage::SpoolOptions{}.bytes_max;
  }

  /// A size that must leave room for others in the spool is at most its share: that is in effect, and shown. False
  /// after a complaint, when what is written must fit into the whole spool and does not.
  bool keep_to_share(const std::string& path, MustFit must_fit, const Node* node, Value& value) {
    const std::uint64_t whole = spool_bytes_max();
    const std::uint64_t share = storage::spool_share(whole);
    if (value.number <= share) return true;
    if (must_fit == MustFit::yes && node != nullptr && value.number > whole && report_.clean("spool.max_bytes")) {
      report_.error(node->origin, path,
                    "expected at most spool.max_bytes (" + format_size(whole) + "), found " + format_size(value.number),
                    "such a batch would never fit");
      return false;
    }
    if (node != nullptr && report_.clean("spool.max_bytes")) {
      report_.warning(node->origin, path,
                      "found " + format_size(value.number) + "; a quarter of spool.max_bytes is in effect, which is " +
                          format_size(share),
                      "write " + format_size(share) + ", or give the spool more room");
    }
    value.number = share;
    value.text = format_size(share);
    return true;
  }

  /// Every entry of the map `name` that is a map itself and well named.
  template <typename Use>
  void for_each_entry(const std::string& name, const Use& use) {
    const Node* map = tree_.find(name);
    if (map == nullptr && misspelt_.contains(name)) return;
    if (map == nullptr || !map->is(Node::Kind::map) || map->children.empty()) {
      const bool other = map != nullptr && !map->is(Node::Kind::map);
      report_.error(map == nullptr ? tree_.origin : map->origin, name,
                    "expected a map of at least one, found " + (other ? kind_of(*map) : "none"), {},
                    other ? Report::Excerpt::hidden : Report::Excerpt::shown);
      return;
    }
    if (map->children.size() > kEntriesMax) {
      report_.error(map->origin, name, "expected a map of at most 1000, found " + std::to_string(map->children.size()));
      return;
    }
    for (const Node& entry : map->children) {
      const std::string path = below(name, entry.key);
      if (const auto problem = check_name(entry.key)) {
        report_.error(entry.key_origin, path, "expected " + problem->expected + ", found " + in_quotes(entry.key));
      } else if (!entry.is(Node::Kind::map)) {
        report_.error(entry.origin, path, "expected a map of settings, found " + kind_of(entry), {},
                      Report::Excerpt::hidden);
      } else {
        use(entry, path);
      }
    }
  }

  void read_sources() {
    const Node* one = tree_.find("source");
    const Node* several = tree_.find("sources");
    if (one != nullptr && several != nullptr) {
      report_.error(several->key_origin, "sources", "expected source: or sources:, found both",
                    "move the block of source: into sources:, under a name of its own");
      return;
    }
    if (several != nullptr) {
      for_each_entry("sources", [&](const Node& entry, const std::string& path) {
        read_source(&entry, path, entry.key, "-" + entry.key);
      });
    } else if (one != nullptr && !one->is(Node::Kind::map)) {
      report_.error(one->origin, "source", "expected a map of settings, found " + kind_of(*one),
                    one->is(Node::Kind::scalar) ? "write source: {url: …}" : "several brokers stand under sources:",
                    Report::Excerpt::hidden);
    } else {
      read_source(one, "source", "source", "");
    }
  }

  void read_source(const Node* node, const std::string& path, const std::string& name, const std::string& id_suffix) {
    NamedSource source{.name = name, .mqtt = {}};
    // Of a wrong name, which may hold anything, nothing is made: it has its complaint.
    if (!check_gateway_name(gateway())) computed_[path + ".client_id"] = "edgeseal-" + gateway() + id_suffix;
    shares_of_spool_[path + ".max_packet"] = MustFit::no;
    Parts parts;
    parts.add(source.mqtt);
    parts.add(source.mqtt.tls);
    read_block(*schema_tree().find("source"), node, path, node == nullptr ? tree_.origin : node->key_origin, parts, "");
    read_.options.sources.push_back(std::move(source));
  }

  [[nodiscard]] std::string gateway() const {
    const Node* node = tree_.find("gateway");
    return node == nullptr ? "" : node->text;
  }

  /// Which rows of `block` hold for `node`, as its setting `name` decides. Nothing, after a complaint, when that is
  /// wrong.
  std::optional<std::string> read_variant(const Block& block, const std::string& name, const Node& node,
                                          const std::string& path) {
    const Key& key = *block.find(name)->row("");
    const Node* given = node.find(name);
    if (given == nullptr && key.fallback) return key.fallback;
    if (given != nullptr && std::ranges::find(key.choices, given->text) != key.choices.end()) return given->text;
    read_leaf(key, given, below(path, name), node.key_origin, {});
    return std::nullopt;
  }

  void read_key(const Node& node, const std::string& path) {
    const Block& block = *schema_tree().find("keys")->find("*");
    crypto::KeyOptions key;
    key.id = node.key;
    computed_[path + ".name"] = key.id;
    Parts parts;
    parts.add(key);
    const auto wrap = read_variant(block, "wrap", node, path);
    if (wrap) read_block(block, &node, path, node.key_origin, parts, *wrap);
    read_.options.keys.push_back(std::move(key));
  }

  void read_route(const Node& node, const std::string& path) {
    RouteOptions route;
    route.name = {node.key};
    const auto& known = read_.options.sources;
    if (known.size() == 1) computed_[path + ".source"] = known.front().name;
    shares_of_spool_[path + ".batch.max_bytes"] = MustFit::yes;
    Parts parts;
    for_each_part(route, [&parts](auto& part) { parts.add(part); });
    read_block(*schema_tree().find("routes")->find("*"), &node, path, node.key_origin, parts, "");
    read_.options.routes.push_back(std::move(route));
  }

  void read_sink(const Node& node, const std::string& path) {
    const Block& block = *schema_tree().find("sinks")->find("*");
    const auto type = read_variant(block, "type", node, path);
    NamedSink sink{.name = {node.key}, .options = {}};
    if (type) {
      sink.options = transport::default_sink_options(*type).value();
      Parts parts;
      const auto add = [&parts](auto& options) {
        parts.add(options);
        if constexpr (requires { options.credentials; }) parts.add(options.credentials);
      };
      std::visit(add, sink.options);
      read_block(block, &node, path, node.key_origin, parts, *type);
    }
    read_.options.sinks.push_back(std::move(sink));
  }

  /// In the map `node` exactly one of `names` is given.
  void demand_one_of(const Node& node, const std::string& path, const std::vector<std::string>& names) {
    std::vector<const Node*> given;
    for (const std::string& name : names) {
      if (const Node* child = node.find(name)) given.push_back(child);
    }
    if (given.size() == 1 || (given.empty() && !report_.clean(path))) return;
    const Node& last = given.empty() ? node : *given.back();
    report_.error(last.origin, path,
                  "expected one of " + either(names) + ", found " + (given.empty() ? "none" : "several"),
                  given.empty() ? "" : "keep one; null takes one away that an earlier file gave");
  }

  const Node& tree_;
  const Sources& sources_;
  Report& report_;
  std::map<std::string, std::string> computed_;     ///< defaults that other settings decide
  std::map<std::string, MustFit> shares_of_spool_;  ///< settings that keep_to_share is for
  std::set<std::string> misspelt_;                  ///< settings that an unknown key may stand for: not missing
  Read read_;
};

}  // namespace

Read read_options(const Node& tree, const Sources& sources, Report& report) {
  return Reader(tree, sources, report).read();
}

}  // namespace edgeseal::config
