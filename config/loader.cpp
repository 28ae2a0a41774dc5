// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/loader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "config/checks.h"
#include "config/overlay.h"
#include "config/yaml_source.h"
#include "crypto/base/regular_file.h"

namespace edgeseal::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFolderFilesMax = 1000;

Diagnostic complaint(const fs::path& file, std::string what, std::string fix) {
  return {.where = file.string(), .key = {}, .what = std::move(what), .fix = std::move(fix), .line = {}};
}

/// What editors leave beside a file: .hidden, .#lock, #autosave#, backup~.
bool is_left_behind(const std::string& name) {
  return name.starts_with('.') || name.starts_with('#') || name.ends_with('~');
}

/// The files that `path` names: itself, or the *.yaml and *.yml of a folder in the order of their names.
std::vector<fs::path> files_of(const fs::path& path, std::vector<Diagnostic>& errors) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  auto entries = fs::directory_iterator(path, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& entry = entries->path();
    if (is_left_behind(entry.filename().string())) continue;
    if (entry.extension() == ".yaml" || entry.extension() == ".yml") files.push_back(entry);
    if (files.size() <= kFolderFilesMax) continue;
    errors.push_back(complaint(path, "expected at most 1,000 files in this folder, found more", {}));
    return {};
  }
  if (error) errors.push_back(complaint(path, "expected a folder that can be read, found: " + error.message(), {}));
  if (!error && files.empty()) errors.push_back(complaint(path, "expected *.yaml in this folder, found none", {}));
  std::ranges::sort(files);
  return files;
}

/// Not much more than YAML may have, so that too much is seen as such.
std::optional<SourceText> read_text(const fs::path& file, std::vector<Diagnostic>& errors) {
  std::error_code error;
  const fs::path absolute = fs::absolute(file, error);
  Bytes bytes(kYamlBytesMax + 4);  // with a byte order mark
  const Result<std::size_t> size =
      error ? Result<std::size_t>(fail(Kind::invalid, error.message())) : read_regular_file(file.string(), bytes);
  if (!size) {
    errors.push_back(complaint(file, "expected a file that can be read, found: " + size.error().what,
                               "-c names the configuration, a file or a folder"));
    return std::nullopt;
  }
  SourceText source{.name = file.string(),
                    .folder = absolute.parent_path(),
                    .text = std::string(as_text(ByteView(bytes).first(*size)))};
  if (source.text.starts_with("\xef\xbb\xbf")) source.text.erase(0, 3);  // a byte order mark means nothing in UTF-8
  return source;
}

/// A --set as complaints and origins name it: never its value, which may be a secret in the wrong place.
std::string name_of_set(const std::string& set) {
  const std::size_t equals = set.find('=');
  const std::string_view path = std::string_view(set).substr(0, equals);
  const bool is_path = equals != std::string::npos && path.size() <= 200 && std::ranges::all_of(path, [](char c) {
                         return c == '.' || c == '_' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                (c >= 'A' && c <= 'Z');
                       });
  return is_path ? "--set " + std::string(path) + "=…" : "--set …";
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

}  // namespace

struct Files::State {
  std::deque<SourceText> texts;  ///< the first stands for the defaults
  Sources sources;
  Fleet fleet;
  HiddenLines hidden;
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
  Report report(state->sources, &state->hidden);
  Node& merged = state->fleet.base;
  merged.kind = Node::Kind::map;
  if (state->sources.size() > 1) merged.origin = {1, 1, 1};
  for (std::uint32_t i = 1; i < state->sources.size(); ++i) {
    auto tree = parse_yaml(state->sources, i, report);
    if (!tree || tree->is(Node::Kind::null)) continue;
    if (!tree->is(Node::Kind::map)) {
      report.error(tree->origin, {}, "expected a map of settings, found " + kind_of(*tree), {},
                   Report::Excerpt::hidden);
      continue;
    }
    if (i == 1) merged.origin = tree->origin;
    hide_values(*tree, state->hidden);
    add_file(state->fleet, std::move(*tree));
  }
  if (errors.empty() && !report.failed()) check_version(merged, report);
  std::ranges::move(report.errors(), std::back_inserter(errors));
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  check_fleet(state->fleet, report);
  state->fleet_errors = report.errors();
  return Files(std::move(state));
}

std::vector<std::string> Files::gateway_names() const { return state_->fleet.gateway_names; }

/// One gateway, and all that was said of it.
struct Files::Assessed {
  Read read;
  std::vector<Diagnostic> errors;
  std::vector<Diagnostic> warnings;
  std::vector<crypto::KeyOptions> sound_keys;
};

Files::Assessed Files::assess(const std::string& gateway, const std::vector<std::string>& sets,
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
  Report report(sources, &state_->hidden);
  std::vector<Node> set_trees;
  for (const std::string& set : sets) {
    const auto source = add(name_of_set(set), set);
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
  Assessed assessed;
  assessed.errors = state_->fleet_errors;
  assessed.warnings = report.warnings();
  std::ranges::move(report.errors(), std::back_inserter(assessed.errors));
  std::ranges::copy_if(read.options.keys, std::back_inserter(assessed.sound_keys),
                       [&](const crypto::KeyOptions& key) { return report.clean("keys." + key.id); });
  assessed.read = std::move(read);
  return assessed;
}

Diagnosed<Loaded> Files::load(const std::string& gateway, const std::vector<std::string>& sets,
                              const Environment& environment) const {
  Assessed assessed = assess(gateway, sets, environment);
  if (!assessed.errors.empty()) return tl::unexpected(std::move(assessed.errors));
  return Loaded{std::move(assessed.read.options), std::move(assessed.warnings), std::move(assessed.read.settings)};
}

std::vector<crypto::KeyOptions> Files::sound_keys(const std::string& gateway, const std::vector<std::string>& sets,
                                                  const Environment& environment) const {
  return assess(gateway, sets, environment).sound_keys;
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
