// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/config_arguments.h"

#include <cstdlib>
#include <iostream>

namespace edgeseal::agent {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

CLI::Option* add_config_arguments(CLI::App& command, ConfigArguments& arguments) {
  auto* files = command.add_option("-c,--config", arguments.files,
                                   "Configuration file, or a folder of *.yaml and *.yml; later ones override");
  files->required()->type_name("FILE");
  command.add_option("--gateway", arguments.gateway, "Name of this gateway, instead of what the files say")
      ->type_name("NAME");
  command.add_option("--set", arguments.sets, "Override one setting, as in spool.max_bytes=1GiB")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  return files;
}

std::optional<config::Files> read_files(const ConfigArguments& arguments) {
  auto files = config::Files::read({arguments.files.begin(), arguments.files.end()});
  if (!files) {
    std::cerr << config::render(files.error());
    return std::nullopt;
  }
  return std::move(*files);
}

std::optional<config::Loaded> load_gateway(const config::Files& files, const std::string& gateway,
                                           const ConfigArguments& arguments) {
  auto loaded = files.load(gateway, arguments.sets, environment);
  if (!loaded) {
    std::cerr << config::render(loaded.error());
    return std::nullopt;
  }
  std::cerr << config::render(loaded->warnings);
  return std::move(*loaded);
}

std::optional<config::Loaded> load_config(const ConfigArguments& arguments) {
  const auto files = read_files(arguments);
  if (!files) return std::nullopt;
  return load_gateway(*files, arguments.gateway, arguments);
}

}  // namespace edgeseal::agent
