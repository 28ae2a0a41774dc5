// SPDX-License-Identifier: GPL-3.0-or-later
// What tests of the configuration share: files in a folder of the test's own, an environment that stands still.
#pragma once
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "config/loader.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::config::test {

inline Environment environment(std::map<std::string, std::string> variables = {}) {
  variables.emplace("HOSTNAME", "truck-017");
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  };
}

/// The least that is a configuration.
inline constexpr std::string_view kSmallest = R"(version: 1
keys:
  mine: {file: mine.der}
routes:
  telemetry: {topics: [plant/#], keys: [mine], sinks: [stick]}
sinks:
  stick: {type: directory, path: out}
)";

/// A folder with configuration files, and what `-c`, `--gateway` and `--set` would say.
struct World {
  edgeseal::test::TempDir folder;
  LoadRequest request;
  std::map<std::string, std::string> variables;

  World() = default;
  explicit World(std::string_view yaml) { file("gw.yaml", yaml); }
  World& file(const std::string& name, std::string_view yaml) {
    request.files.push_back(folder.write(name, yaml));
    return *this;
  }
  World& set(std::string text) {
    request.sets.push_back(std::move(text));
    return *this;
  }
  World& gateway(std::string name) {
    request.gateway = std::move(name);
    return *this;
  }
  [[nodiscard]] Diagnosed<Loaded> load() const { return config::load(request, environment(variables)); }
};

/// The complaints, or the warnings of what loads, with the test's folder left out.
inline std::string complaints(const World& world) {
  const auto loaded = world.load();
  std::string text = render(loaded ? loaded->warnings : loaded.error());
  const std::string folder = world.folder.path().string() + "/";
  for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos;) text.erase(at, folder.size());
  return text;
}

MATCHER(Loads, negation ? "fails" : "loads") {
  if (!arg.has_value()) *result_listener << render(arg.error());
  return arg.has_value();
}

}  // namespace edgeseal::config::test
