// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/loader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "config/checks.h"
#include "config/overlay.h"
#include "config/yaml_source.h"

namespace edgeseal::config {
namespace {

namespace fs = std::filesystem;

Diagnostic complaint(const fs::path& file, std::string what, std::string fix) {
  return {.where = file.string(), .key = {}, .what = std::move(what), .fix = std::move(fix), .line = {}};
}

/// The files that `path` names: itself, or the *.yaml of a folder in the order of their names.
std::vector<fs::path> files_of(const fs::path& path, std::vector<Diagnostic>& errors) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  auto entries = fs::directory_iterator(path, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (entries->path().extension() == ".yaml") files.push_back(entries->path());
  }
  if (error) errors.push_back(complaint(path, "expected a folder that can be read, found: " + error.message(), {}));
  if (!error && files.empty()) errors.push_back(complaint(path, "expected *.yaml in this folder, found none", {}));
  std::ranges::sort(files);
  return files;
}

/// Not much more than YAML may have, so that too much is seen as such, whatever kind of file it is.
std::optional<SourceText> read_text(const fs::path& file, std::vector<Diagnostic>& errors) {
  std::error_code error;
  const fs::path absolute = fs::absolute(file, error);
  std::ifstream in(file, std::ios::binary);
  if (!in || error) {
    const std::error_code reason = error ? error : std::error_code(errno, std::generic_category());
    errors.push_back(complaint(file, "expected a file that can be read, found: " + reason.message(),
                               "-c names the configuration, a file or a folder"));
    return std::nullopt;
  }
  SourceText source{.name = file.string(), .folder = absolute.parent_path(), .text = {}};
  std::array<char, std::size_t{1} << 14> chunk{};
  while (source.text.size() <= kYamlBytesMax && (in.read(chunk.data(), chunk.size()), in.gcount() > 0)) {
    source.text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) {
    errors.push_back(complaint(file, "expected a file that can be read, found a read error", {}));
    return std::nullopt;
  }
  if (source.text.starts_with("\xef\xbb\xbf")) source.text.erase(0, 3);  // a byte order mark means nothing in UTF-8
  return source;
}

void check_version(const Node& tree, Report& report) {
  const Node* version = tree.find("version");
  if (version == nullptr) {
    report.error(tree.origin, "version", "expected 1, found nothing", "write version: 1");
  } else if (!version->is(Node::Kind::scalar) || version->text != "1") {
    report.error(version->origin, "version", "expected 1, found " + describe(*version),
                 "this edgeseal reads version 1 only");
  }
}

/// A batch is at most its bound and one message more: of a quarter each, it fits into the spool whatever else is there
/// to be dropped or delivered. One that did not would be tried for ever, and hold up all that come after it.
void fit_to_spool(Options& options) {
  const std::uint64_t quarter = options.spool.bytes_max / 4;
  for (NamedSource& source : options.sources) {
    const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(quarter, source.mqtt.packet_bytes_max));
    source.mqtt.packet_bytes_max = most;
  }
  for (RouteOptions& route : options.routes) route.batch.bytes_max = std::min(route.batch.bytes_max, quarter);
}

}  // namespace

struct Files::State {
  std::deque<SourceText> texts;  ///< the first stands for the defaults
  Sources sources;
  Fleet fleet;
  std::vector<Diagnostic> fleet_errors;
};

Files::Files(std::unique_ptr<State> state) : state_(std::move(state)) {}
Files::Files(Files&&) noexcept = default;
Files& Files::operator=(Files&&) noexcept = default;
Files::~Files() = default;

Diagnosed<Files> Files::read(const std::vector<fs::path>& files) {
  auto state = std::make_unique<State>();
  state->texts.push_back({.name = "default", .folder = "/", .text = {}, .is_file = false});
  std::vector<Diagnostic> errors;
  if (files.empty()) errors.push_back(complaint("-c", "expected a configuration file, found none", "write -c FILE"));
  for (const fs::path& path : files) {
    for (const fs::path& file : files_of(path, errors)) {
      if (auto text = read_text(file, errors)) state->texts.push_back(std::move(*text));
    }
  }
  for (const SourceText& text : state->texts) state->sources.push_back(&text);
  Report report(state->sources);
  Node merged;
  merged.kind = Node::Kind::map;
  if (state->sources.size() > 1) merged.origin = {1, 1, 1};
  for (std::uint32_t i = 1; i < state->sources.size(); ++i) {
    auto tree = parse_yaml(state->sources, i, report);
    if (!tree || tree->is(Node::Kind::null)) continue;
    if (!tree->is(Node::Kind::map)) {
      report.error(tree->origin, {}, "expected a map of settings, found " + describe(*tree));
      continue;
    }
    if (i == 1) merged.origin = tree->origin;
    merge(merged, std::move(*tree));
  }
  if (errors.empty() && !report.failed()) check_version(merged, report);
  std::ranges::move(report.errors(), std::back_inserter(errors));
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  state->fleet = split_fleet(std::move(merged), report);
  state->fleet_errors = report.errors();
  return Files(std::move(state));
}

std::vector<std::string> Files::gateway_names() const {
  std::vector<std::string> names;
  for (const Node& gateway : state_->fleet.gateways.children) names.push_back(gateway.key);
  return names;
}

Diagnosed<Loaded> Files::load(const std::string& gateway, const std::vector<std::string>& sets,
                              const Environment& environment) const {
  std::deque<SourceText> texts;
  Sources sources = state_->sources;
  const auto add = [&](std::string name, std::string text) {
    std::error_code ignored;
    texts.push_back(
        {.name = std::move(name), .folder = fs::current_path(ignored), .text = std::move(text), .is_file = false});
    sources.push_back(&texts.back());
    return static_cast<std::uint32_t>(sources.size() - 1);
  };
  Report report(sources);
  std::vector<Node> set_trees;
  for (const std::string& set : sets) {
    const bool secret = set.find("password") != std::string::npos;
    const auto source = add("--set " + (secret ? set.substr(0, set.find('=')) + "=…" : set), set);
    if (auto set_tree = parse_set(sources, source, report)) set_trees.push_back(std::move(*set_tree));
  }

  // The gateway's name comes first, for it decides which groups fit.
  Node named = state_->fleet.base;
  for (const Node& set_tree : set_trees) merge(named, set_tree);
  Node name = named.take("gateway");
  if (!gateway.empty()) {
    name = scalar(gateway, {add("--gateway", gateway), 0, 0});
  } else if (name.is(Node::Kind::null)) {
    name = scalar(*schema_tree().find("gateway")->row("")->fallback, {0, 0, 0});
  }
  if (gateway.empty()) substitute(name, "gateway", environment, report);
  name.key = "gateway";
  name.key_origin = name.origin;

  Node tree = gateway_settings(state_->fleet, name.text, report);
  for (const Node& set_tree : set_trees) merge(tree, set_tree);
  check_version(tree, report);
  tree.take("gateway");
  substitute(tree, "", environment, report);
  tree.children.push_back(std::move(name));

  Read read = read_options(tree, sources, report);
  check_options(read.options, tree, report);
  std::vector<Diagnostic> errors = state_->fleet_errors;
  std::ranges::move(report.errors(), std::back_inserter(errors));
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  fit_to_spool(read.options);
  return Loaded{std::move(read.options), report.warnings(), std::move(read.settings)};
}

Diagnosed<Loaded> load(const LoadRequest& request, const Environment& environment) {
  auto files = Files::read(request.files);
  if (!files) return tl::unexpected(std::move(files).error());
  return files->load(request.gateway, request.sets, environment);
}

Diagnosed<std::vector<std::string>> gateway_names(const std::vector<fs::path>& files) {
  auto read = Files::read(files);
  if (!read) return tl::unexpected(std::move(read).error());
  return read->gateway_names();
}

}  // namespace edgeseal::config
