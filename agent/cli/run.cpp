// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/commands.h"
#include "agent/cli/config_arguments.h"
#include "agent/cli/exit_codes.h"
#include "agent/runtime/gateway.h"
#include "agent/runtime/log.h"
#include "agent/runtime/process.h"

namespace edgeseal::agent {
namespace {

int run(const ConfigArguments& arguments) {
  ignore_stray_signals();
  name_untaken_exceptions();
  const auto loaded = load_config(arguments);
  if (!loaded) return kExitConfig;
  Log log(loaded->options.log);
  const auto ended = run_gateway(loaded->options, log);
  if (ended) return kExitFine;
  log.error(ended.error().message());
  return ended.error().kind == Kind::invalid ? kExitConfig : kExitFailed;
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("run", "Collect, seal, queue and forward, until SIGTERM");
  auto arguments = std::make_shared<ConfigArguments>();
  add_config_arguments(*command, *arguments);
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace edgeseal::agent
