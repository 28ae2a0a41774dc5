// SPDX-License-Identifier: GPL-3.0-or-later
// Reads configuration files into options. Programs begin here.
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
  std::vector<Setting> settings;  ///< what `config show` prints; it holds no secrets, because options hold none
};

template <typename T>
using Diagnosed = tl::expected<T, std::vector<Diagnostic>>;

/// Files that are read and parsed once. Any number of gateways can be loaded from them.
/// Threads: const calls may run at the same time.
class Files {
 public:
  /// Fails with every reason why a file cannot be read or parsed.
  [[nodiscard]] static Diagnosed<Files> read(const std::vector<std::filesystem::path>& files);
  Files(Files&&) noexcept;
  Files& operator=(Files&&) noexcept;
  ~Files();

  /// The names under `gateways:`, in their order.
  [[nodiscard]] std::vector<std::string> gateway_names() const;

  /// The options of one gateway. `gateway` may be empty, as in LoadRequest. Fails with everything that is wrong.
  /// Settings of other gateways, and of groups that do not match, are not looked at.
  [[nodiscard]] Diagnosed<Loaded> load(const std::string& gateway, const std::vector<std::string>& sets,
                                       const Environment& environment) const;

  /// The public keys of the same gateway whose own settings are right, whether the gateway loads or not. So one run can
  /// look at their files and complain of everything else.
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

/// The names under `gateways:`. `check --all` calls Files::read once, and then Files::load for each name.
[[nodiscard]] Diagnosed<std::vector<std::string>> gateway_names(const std::vector<std::filesystem::path>& files);

}  // namespace edgeseal::config
