// SPDX-License-Identifier: GPL-3.0-or-later
// The arguments that name a configuration, alike in every command that reads one.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "config/loader.h"

namespace edgeseal::agent {

struct ConfigArguments {
  std::vector<std::string> files;
  std::string gateway;
  std::vector<std::string> sets;
};

/// Adds -c (required), --gateway and --set. Returns -c.
CLI::Option* add_config_arguments(CLI::App& command, ConfigArguments& arguments);

/// This process's environment variables.
[[nodiscard]] std::optional<std::string> environment(const std::string& name);

/// Reads the files; what is wrong with them goes to stderr, and nothing is returned then.
[[nodiscard]] std::optional<config::Files> read_files(const ConfigArguments& arguments);

/// Loads `gateway` from them; errors and warnings go to stderr.
[[nodiscard]] std::optional<config::Loaded> load_gateway(const config::Files& files, const std::string& gateway,
                                                         const ConfigArguments& arguments);

/// Both steps, for the one gateway that the arguments name.
[[nodiscard]] std::optional<config::Loaded> load_config(const ConfigArguments& arguments);

}  // namespace edgeseal::agent
