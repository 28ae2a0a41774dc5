// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <iostream>

#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/cli/config_arguments.h"
#include "agent/cli/exit_codes.h"
#include "agent/cli/terminal.h"
#include "agent/runtime/key_files.h"
#include "agent/runtime/probe.h"

namespace edgeseal::agent {
namespace {

/// What works, and may not be what was meant.
void warn_of_keys(const config::Options& options, const crypto::KeySet& keys) {
  for (const crypto::SealingKey& key : keys) {
    if (key.wrap == crypto::WrapForm::raw_rsa && key.key.kms_key()) {
      print_warning("keys." + key.id +
                    ": a KMS key with wrap: raw-rsa; no SDK keyring opens that through KMS, only aws kms decrypt "
                    "or edgeseal-open --kms-key. Write wrap: aws-kms-rsa if you want the SDKs");
    }
  }
  for (const crypto::KeyOptions& key : options.keys) {
    if (key.pin.empty())
      print_warning("keys." + key.id + ": no pin: whoever can change " + key.file.string() + " decides who may read");
  }
}

std::string name_of_this_machine() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "?";
}

/// Looks at what lies on this machine, as `run` with the same arguments would. Whether it would start.
bool look_at_this_machine(const config::Options& options) {
  print_note(options.gateway + ": the files that it names are looked at on this machine, " + name_of_this_machine());
  const Probed probed = probe(options);
  for (const Error& problem : probed.refused) print_error(problem);
  for (const Error& missing : probed.withheld) {
    print_warning(missing.message() + "; the service needs it to start, and may have what this command has not");
  }
  for (const Error& missing : probed.awaited)
    print_warning(missing.message() + "; the service starts and waits for it");
  return probed.refused.empty();
}

/// Public keys lie beside the configuration and are always looked at. All else that it names lies on the gateway:
/// `here` says whether that is this machine.
int check_gateway(const config::Files& files, const std::string& gateway, const ConfigArguments& arguments, bool here) {
  const auto loaded = load_gateway(files, gateway, arguments);
  const LoadedKeys keys =
      load_keys(loaded ? loaded->options.keys : files.sound_keys(gateway, arguments.sets, environment));
  for (const Error& problem : keys.problems) print_error(problem);
  if (!loaded) return kExitConfig;
  const bool starts = !here || look_at_this_machine(loaded->options);
  if (!keys.problems.empty() || !starts) return kExitConfig;
  warn_of_keys(loaded->options, keys.keys);
  say(loaded->options.gateway + ": fine: " + std::to_string(loaded->options.sources.size()) + " source(s), " +
      std::to_string(loaded->options.routes.size()) + " route(s), " + std::to_string(keys.keys.size()) + " key(s), " +
      std::to_string(loaded->options.sinks.size()) + " sink(s)");
  return kExitFine;
}

int check(const ConfigArguments& arguments, bool all) {
  const auto files = read_files(arguments);
  if (!files) return kExitConfig;
  if (!all) return check_gateway(*files, arguments.gateway, arguments, true);
  const std::vector<std::string> names = files->gateway_names();
  if (names.empty()) {
    std::cerr << "error: --all: the configuration names no gateway under gateways:, so nothing was checked\n"
              << "fix: leave out --all, or name the gateways\n";
    return kExitConfig;
  }
  int status = kExitFine;
  for (const std::string& name : names) {
    if (check_gateway(*files, name, arguments, false) != kExitFine) {
      print_note(name + ": not fine");
      status = kExitConfig;
    }
  }
  print_note(
      "--all: of the files that the gateways name, the public keys alone were looked at; the others lie on each");
  return status;
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("check", "Read the configuration and its keys, and say what is wrong with them");
  auto arguments = std::make_shared<ConfigArguments>();
  auto all = std::make_shared<bool>(false);
  add_config_arguments(*command, *arguments);
  command->add_flag("--all", *all, "Every gateway that the files name")->excludes("--gateway");
  command->callback([arguments, all, &status] { status = check(*arguments, *all); });
}

}  // namespace edgeseal::agent
