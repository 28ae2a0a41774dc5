// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/checks.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <cstddef>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "config/filter_checks.h"
#include "config/schema.h"
#include "config/units.h"
#include "transport/ingest/broker_form.h"

namespace edgeseal::config {
namespace {

class Checks {
 public:
  Checks(const Options& options, const Node& tree, Report& report) : options_(options), tree_(tree), report_(report) {
    if (const Node* sources = tree.find("sources")) {
      source_names_ = names_of(*sources);
    } else {
      source_names_ = Names({"source"});
    }
    if (const Node* keys = tree.find("keys")) key_names_ = names_of(*keys);
    if (const Node* sinks = tree.find("sinks")) sink_names_ = names_of(*sinks);
  }

  void run() {
    for (const RouteOptions& route : options_.routes) check_route(route);
    check_unused();
    check_filters();
    check_shared_acknowledgements();
    check_sources();
    for (const crypto::KeyOptions& key : options_.keys) check_key(key);
    for (const NamedSink& sink : options_.sinks) check_sink(sink);
  }

 private:
  using Path = std::vector<std::string>;

  /// The names in a block, in their order and to look up.
  struct Names {
    std::vector<std::string> list;
    std::unordered_set<std::string> set;

    Names() = default;
    explicit Names(std::vector<std::string> names) : list(std::move(names)), set(list.begin(), list.end()) {}
  };

  static Names names_of(const Node& map) {
    if (!map.is(Node::Kind::map) || map.children.size() > kEntriesMax) return {};  // said already
    std::vector<std::string> names;
    for (const Node& child : map.children) names.push_back(child.key);
    return Names(std::move(names));
  }

  static std::string joined(const Path& path) {
    std::string text;
    for (const std::string& part : path) text += (text.empty() || part[0] == '[' ? "" : ".") + part;
    return text;
  }

  /// The value at `path` (items of lists are "[0]"), or the innermost thing around it that is written down.
  [[nodiscard]] Origin place(const Path& path) const {
    const Node* node = &tree_;
    Origin origin = tree_.origin;
    for (const std::string& part : path) {
      const Node* child = nullptr;
      if (node->is(Node::Kind::list)) {
        std::size_t item = node->children.size();
        if (part.starts_with('[')) std::from_chars(part.data() + 1, part.data() + part.size(), item);
        if (item < node->children.size()) child = &node->children[item];
      } else {
        child = node->find(part);
      }
      if (child == nullptr) return origin;
      node = child;
      origin = node->is(Node::Kind::map) ? node->key_origin : node->origin;
    }
    return origin;
  }

  void error(const Path& path, std::string what, std::string fix = {}) {
    report_.error(report_.full() ? tree_.origin : place(path), joined(path), std::move(what), std::move(fix));
  }
  /// `misfit` of the part whose settings stand at `path`.
  void misfit_error(Path path, Misfit misfit) {
    std::istringstream names(misfit.setting);
    for (std::string name; std::getline(names, name, '.');) path.push_back(name);
    error(path, "expected " + misfit.problem.expected + ", found " + misfit.found, std::move(misfit.problem.fix));
  }
  void warning(const Path& path, std::string what, std::string fix = {}) {
    report_.warning(place(path), joined(path), std::move(what), std::move(fix));
  }

  void check_reference(const Path& path, const std::string& name, const Names& known, const std::string& block) {
    if (known.list.empty()) return;  // said already: there must be one
    if (known.set.contains(name)) return;
    if (report_.full()) return error(path, {});
    const auto near = nearest(name, known.list);
    error(path, "expected a name under " + block + ": (" + either(known.list) + "), found " + in_quotes(name),
          near ? "did you mean " + *near + "?" : "");
  }

  void check_route(const RouteOptions& route) {
    const Path path = {"routes", route.name.text};
    const auto item = [&](const char* list, std::size_t i) {
      return Path{"routes", route.name.text, list, "[" + std::to_string(i) + "]"};
    };
    const bool several = tree_.find("sources") != nullptr;
    if (!report_.clean(several ? "sources" : "source")) {
      // which sources there are is not clear
    } else if (!route.source.empty()) {
      check_reference({"routes", route.name.text, "source"}, route.source, source_names_,
                      several ? "sources" : "source");
    } else if (!source_names_.list.empty() && report_.clean(joined(path) + ".source")) {
      error({"routes", route.name.text, "source"},
            "expected a name under sources: (" + either(source_names_.list) + "), found nothing",
            "write source: " + source_names_.list.front());
    }
    for (std::size_t i = 0; i < route.keys.size(); ++i)
      check_reference(item("keys", i), route.keys[i], key_names_, "keys");
    for (std::size_t i = 0; i < route.sinks.size(); ++i) {
      check_reference(item("sinks", i), route.sinks[i].text, sink_names_, "sinks");
    }
  }

  void check_unused() {
    std::set<std::string> sources;
    std::set<std::string> keys;
    std::set<std::string> sinks;
    for (const RouteOptions& route : options_.routes) {
      sources.insert(route.source);
      keys.insert(route.keys.begin(), route.keys.end());
      for (const SinkName& sink : route.sinks) sinks.insert(sink.text);
    }
    const auto warn = [&](const std::string& block, const Names& names, const auto& used) {
      for (const std::string& name : names.list) {
        if (!used.contains(name)) warning({block, name}, "is used by no route", "remove it, or name it in a route");
      }
    };
    if (tree_.find("sources") != nullptr) warn("sources", source_names_, sources);
    warn("keys", key_names_, keys);
    warn("sinks", sink_names_, sinks);
  }

  void check_filters() {
    for (FilterRemark& remark : filter_remarks(options_.routes)) {
      Path path{"routes", options_.routes[remark.route].name.text, "topics"};
      if (remark.topic) path.push_back("[" + std::to_string(*remark.topic) + "]");
      warning(path, std::move(remark.what), std::move(remark.fix));
    }
  }

  /// MQTT acknowledges in order, so a route that must hold its acknowledgements holds those of the whole source.
  void check_shared_acknowledgements() {
    using Keys = std::bitset<kEntriesMax>;  // of the names under keys:
    std::unordered_map<std::string, std::size_t> numbers;
    for (const std::string& name : key_names_.list) numbers.emplace(name, numbers.size());
    struct Earlier {
      const RouteOptions* route;
      Keys keys;
    };
    std::unordered_map<std::string, std::vector<Earlier>> of_source;
    for (const RouteOptions& route : options_.routes) {
      Keys keys;
      for (const std::string& key : route.keys) {
        if (const auto number = numbers.find(key); number != numbers.end()) keys.set(number->second);
      }
      if (keys.none()) continue;
      std::vector<Earlier>& others = of_source[route.source];
      const auto other = std::ranges::find_if(others, [&](const Earlier& one) { return (one.keys & keys).none(); });
      if (other != others.end()) {
        warning({"routes", route.name.text, "keys"},
                "shares a source, but no key, with " + other->route->name.text +
                    ": while the keys of one cannot be used, the other waits too",
                "give each a source of its own, if that matters");
      }
      const bool known = std::ranges::any_of(others, [&](const Earlier& one) { return one.keys == keys; });
      if (!known) others.push_back({&route, keys});
    }
  }

  [[nodiscard]] Path source_path(const NamedSource& source) const {
    return tree_.find("sources") != nullptr ? Path{"sources", source.name} : Path{"source"};
  }

  void check_sources() {
    std::map<std::pair<std::string, std::string>, std::string> clients;  // broker and id: the first source with them
    for (const NamedSource& source : options_.sources) {
      check_source(source);
      const auto [first, added] = clients.try_emplace({source.mqtt.url, source.mqtt.client_id}, source.name);
      if (added) continue;
      Path path = source_path(source);
      path.emplace_back("client_id");
      error(path, "expected a client id of its own, found that of " + first->second + " at the same broker",
            "two clients with one id throw each other out");
    }
  }

  void check_source(const NamedSource& source) {
    const Path path = source_path(source);
    if (!report_.clean(joined(path))) return;
    if (auto misfit = transport::broker_misfit(source.mqtt)) misfit_error(path, std::move(*misfit));
  }

  void check_key(const crypto::KeyOptions& key) {
    if (key.wrap != crypto::WrapForm::raw_rsa || key.kms_key.empty()) return;
    warning({"keys", key.id, "kms_key"}, "no keyring of an SDK opens raw-rsa with a KMS key",
            "write wrap: aws-kms-rsa, or leave kms_key out");
  }

  void check_sink(const NamedSink& sink) {
    const Path path = {"sinks", sink.name.text};
    if (!report_.clean(joined(path))) return;
    const auto misfit_of = [](const auto& options) { return transport::sink_misfit(options); };
    if (auto misfit = std::visit(misfit_of, sink.options)) misfit_error(path, std::move(*misfit));
  }

  const Options& options_;
  const Node& tree_;
  Report& report_;
  Names source_names_;
  Names key_names_;
  Names sink_names_;
};

}  // namespace

void check_options(const Options& options, const Node& tree, Report& report) { Checks(options, tree, report).run(); }

}  // namespace edgeseal::config
