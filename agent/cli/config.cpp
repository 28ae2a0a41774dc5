// SPDX-License-Identifier: GPL-3.0-or-later
#include <iostream>

#include "agent/cli/commands.h"
#include "agent/cli/config_arguments.h"
#include "agent/cli/exit_codes.h"
#include "config/schema.h"
#include "config/show.h"
#include "crypto/base/shown_text.h"

namespace edgeseal::agent {
namespace {

struct ShowArguments {
  ConfigArguments config;
  bool origins = false;
  std::string format = "yaml";
};

int show(const ShowArguments& arguments) {
  const auto loaded = load_config(arguments.config);
  if (!loaded) return kExitConfig;
  const auto format = arguments.format == "json" ? config::ShowFormat::json : config::ShowFormat::yaml;
  std::cout << shown_json(config::show(loaded->settings, format, arguments.origins));
  return kExitFine;
}

}  // namespace

void add_config(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("config", "Show what a configuration comes to, or what may stand in one");
  command->require_subcommand(1);
  CLI::App* show_command = command->add_subcommand("show", "The configuration in effect, defaults filled in");
  auto arguments = std::make_shared<ShowArguments>();
  add_config_arguments(*show_command, arguments->config);
  show_command->add_flag("--origins", arguments->origins, "Say where each value comes from");
  show_command->add_option("--format", arguments->format, "yaml or json")
      ->check(CLI::IsMember({"yaml", "json"}))
      ->capture_default_str();
  show_command->callback([arguments, &status] { status = show(*arguments); });
  CLI::App* schema_command = command->add_subcommand("schema", "The JSON Schema of configuration files, for editors");
  schema_command->callback([&status] {
    std::cout << config::to_json_schema() << "\n";
    status = kExitFine;
  });
}

}  // namespace edgeseal::agent
