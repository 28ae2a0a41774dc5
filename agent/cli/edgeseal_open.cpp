// SPDX-License-Identifier: GPL-3.0-or-later
// edgeseal-open: opens what edgeseal sealed, with the owner's keys.
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "agent/cli/edgeseal_open_arguments.h"
#include "agent/cli/edgeseal_open_report.h"
#include "agent/cli/exit_codes.h"
#include "agent/owner/private_key_files.h"
#include "crypto/open/private_keys.h"

namespace edgeseal::agent {
namespace {

int report(const Error& error, int status) {
  print_open_error(error);
  return status;
}

Result<std::vector<Input>> find_inputs(const std::vector<std::string>& names) {
  std::vector<Input> inputs;
  for (const std::string& name : names) {
    if (name == "-") {
      inputs.push_back(standard_input());
    } else if (std::filesystem::is_directory(name)) {
      auto found = folder_inputs(name);
      if (!found) return failed(found);
      std::move(found->begin(), found->end(), std::back_inserter(inputs));
    } else {
      inputs.push_back(file_input(name, std::filesystem::path(name).filename()));
    }
  }
  return inputs;
}

int open(const OpenArguments& arguments) {
  if (arguments.inputs.empty()) {
    return report({Kind::invalid, "no INPUT is given", {}, "name files or folders, or - for standard input", {}},
                  kExitUsage);
  }
  if (arguments.private_keys.empty()) {
    return report({Kind::invalid, "no key is given", {}, "give --private-key PEM", {}}, kExitUsage);
  }
  auto keys = read_private_keys(arguments.private_keys);
  if (!keys) return report(keys.error(), kExitConfig);
  crypto::PrivateKeys source(std::move(*keys));

  auto inputs = find_inputs(arguments.inputs);
  if (!inputs) return report(inputs.error(), kExitFailed);
  auto options = open_options(arguments, inputs->size());
  if (!options) return report(options.error(), kExitUsage);

  // Where records and bar would share the terminal, there is no bar.
  const bool prints = options->to == OpenOptions::To::standard_output || arguments.verify;
  const bool show_progress = isatty(STDERR_FILENO) == 1 && !(prints && isatty(STDOUT_FILENO) == 1);
  OpenReport observer(inputs->size(), arguments.verify, show_progress);
  auto tally = open_objects(*inputs, *options, source, observer);
  if (!tally) return report(tally.error(), kExitFailed);
  return tally->refused == 0 ? kExitFine : kExitRefused;
}

}  // namespace
}  // namespace edgeseal::agent

int main(int argc, char** argv) {
  using namespace edgeseal::agent;
  CLI::App app("Opens batches that edgeseal sealed, and other AWS Encryption SDK messages of suite 0x0478.",
               "edgeseal-open");
  app.set_version_flag("--version", open_version_text);
  OpenArguments arguments;
  add_open_arguments(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitFine : kExitUsage;
  }
  try {
    return edgeseal::agent::open(arguments);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return kExitFailed;
  }
}
