// SPDX-License-Identifier: GPL-3.0-or-later
// Configuration files to options: the way in for programs.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "config/diagnostics.h"
#include "config/options.h"
#include "config/reader.h"
#include "config/substitute.h"

namespace edgeseal::config {

struct LoadRequest {
  std::vector<std::filesystem::path>
      files;                      ///< each -c: a file, or a folder for its *.yaml and *.yml in the order of their names
  std::string gateway;            ///< of --gateway; empty: what the files say
  std::vector<std::string> sets;  ///< each --set: path.to.key=value
};

struct Loaded {
  Options options;
  std::vector<Diagnostic> warnings;
  std::vector<Setting> settings;  ///< what `config show` prints; holds no secrets, for options hold none
};

template <typename T>
using Diagnosed = tl::expected<T, std::vector<Diagnostic>>;

/// Files read and parsed once, to load any number of a fleet's gateways from. Threads: const calls may run at once.
class Files {
 public:
  /// Fails with every reason why a file cannot be read or parsed.
  [[nodiscard]] static Diagnosed<Files> read(const std::vector<std::filesystem::path>& files);
  Files(Files&&) noexcept;
  Files& operator=(Files&&) noexcept;
  ~Files();

  /// The names under `gateways:`, in their order.
  [[nodiscard]] std::vector<std::string> gateway_names() const;

  /// The options of one gateway. `gateway` may be empty, as in LoadRequest. Fails with all that is wrong, in one go;
  /// what stands under other gateways' names, or in groups that do not fit, is not looked at.
  [[nodiscard]] Diagnosed<Loaded> load(const std::string& gateway, const std::vector<std::string>& sets,
                                       const Environment& environment) const;

  /// Of the same gateway, whether it loads or not, the public keys whose own settings are right: their files can be
  /// looked at in the run that complains of the rest.
  [[nodiscard]] std::vector<crypto::KeyOptions> sound_keys(const std::string& gateway,
                                                           const std::vector<std::string>& sets,
                                                           const Environment& environment) const;

 private:
  struct State;
  struct Assessed;
  [[nodiscard]] Assessed assess(const std::string& gateway, const std::vector<std::string>& sets,
                                const Environment& environment) const;
  explicit Files(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads and loads one gateway.
[[nodiscard]] Diagnosed<Loaded> load(const LoadRequest& request, const Environment& environment);

/// The names under `gateways:`. `check --all` loads each: Files::read once, then Files::load a name.
[[nodiscard]] Diagnosed<std::vector<std::string>> gateway_names(const std::vector<std::filesystem::path>& files);

}  // namespace edgeseal::config
