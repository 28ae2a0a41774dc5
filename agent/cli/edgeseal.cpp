// SPDX-License-Identifier: GPL-3.0-or-later
// edgeseal: the gateway's program. It links nothing that can open an envelope.
#include "agent/cli/command_line.h"
#include "agent/cli/commands.h"
#include "agent/cli/exit_codes.h"
#include "agent/cli/version_text.h"
#include "agent/runtime/process.h"

int main(int argc, char** argv) {
  using namespace edgeseal::agent;
  protect_memory();
  tune_heap();
  CLI::App app("Collects sensor payloads over MQTT, seals them for the owner of a KMS key, queues and forwards them.",
               "edgeseal");
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  int status = kExitFine;
  for (const auto add : kCommands) add(app, status);
  return run_program(app, argc, argv, [&status] { return status; });
}
