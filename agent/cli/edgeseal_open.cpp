// SPDX-License-Identifier: GPL-3.0-or-later
// edgeseal-open: opens what edgeseal sealed, with the owner's keys.
#include <filesystem>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>
#include <unistd.h>

#include "agent/cli/command_line.h"
#include "agent/cli/edgeseal_open_arguments.h"
#include "agent/cli/edgeseal_open_aws.h"
#include "agent/cli/edgeseal_open_report.h"
#include "agent/cli/exit_codes.h"
#include "agent/cli/terminal.h"
#include "agent/owner/kms_keys.h"
#include "agent/owner/private_key_files.h"
#include "agent/owner/s3_inputs.h"
#include "agent/owner/splitter.h"
#include "crypto/open/private_keys.h"

namespace edgeseal::agent {
namespace {

int report(const Error& error, int status) {
  if (error.where != kStandardOutput || !reader_has_gone()) print_error(error);
  return status;
}

/// Looks for the objects below `name`, which may be a bucket's prefix when `aws` says how to reach it.
Result<std::vector<Input>> find_inputs(const std::string& name, const OpenArguments* aws) {
  if (name == "-") return std::vector{standard_input()};
  const auto address = transport::parse_s3_address(name);
  if (address && aws != nullptr) {
    auto reader = make_s3_reader(*aws, address->bucket);
    if (!reader) return failed(reader);
    return s3_inputs(std::move(*reader), *address);
  }
  std::error_code ignored;  // a name that cannot be looked at cannot be opened either, which tells why
  if (std::filesystem::is_directory(name, ignored)) return folder_inputs(name);
  return std::vector{file_input(name, std::filesystem::path(name).filename())};
}

Result<std::vector<Input>> find_all_inputs(const std::vector<std::string>& names, bool keep_going,
                                           const OpenArguments* aws) {
  std::vector<Input> inputs;
  for (const std::string& name : names) {
    auto found = find_inputs(name, aws);
    if (!found && !keep_going) return failed(found);
    if (!found) {
      inputs.push_back(absent_input(name, found.error()));
      continue;
    }
    if (found->empty()) print_warning(name + ": no objects (*.esdk, *.esdks) there");
    std::move(found->begin(), found->end(), std::back_inserter(inputs));
  }
  return inputs;
}

/// Private keys first: they cost nothing to ask.
struct Keys {
  std::optional<crypto::PrivateKeys> private_keys;
  std::unique_ptr<transport::KmsClient> kms_client;
  std::optional<KmsKeys> kms;
};

Result<std::unique_ptr<Keys>> make_keys(const OpenArguments& arguments) {
  auto keys = std::make_unique<Keys>();
  if (!arguments.private_keys.empty()) {
    auto parsed = read_private_keys(arguments.private_keys);
    if (!parsed) return failed(parsed);
    keys->private_keys.emplace(std::move(*parsed));
  }
  if (arguments.kms || !arguments.kms_key.empty()) {
    auto client = make_kms_client(arguments);
    if (!client) return failed(client);
    keys->kms_client = std::move(*client);
    keys->kms.emplace(
        [&kms = *keys->kms_client](const std::string& key_arn, ByteView ciphertext, transport::KmsAlgorithm algorithm) {
          return kms.decrypt(key_arn, ciphertext, algorithm);
        },
        arguments.kms_key.empty() ? std::nullopt : std::optional(arguments.kms_key));
  }
  return keys;
}

/// A prefix with a slip in it is the likelier reason than a gateway that has sent nothing: no success.
int nothing_found() {
  return report({Kind::invalid, "there is nothing to open", {}, "check the folders and prefixes"}, kExitFailed);
}

int open(const OpenArguments& arguments) {
  if (arguments.inputs.empty()) {
    return report({Kind::invalid, "no INPUT is given", {}, "name files or folders, or - for standard input", {}},
                  kExitUsage);
  }
  if (arguments.private_keys.empty() && !arguments.kms && arguments.kms_key.empty()) {
    return report({Kind::invalid, "no key is given", {}, "give --private-key PEM, or --kms", {}}, kExitUsage);
  }
  auto keys = make_keys(arguments);
  if (!keys) return report(keys.error(), kExitConfig);
  std::vector<crypto::DataKeySource*> sources;
  if ((*keys)->private_keys) sources.push_back(&*(*keys)->private_keys);
  if ((*keys)->kms) sources.push_back(&*(*keys)->kms);
  DataKeySources source(std::move(sources));

  auto inputs = find_all_inputs(arguments.inputs, arguments.keep_going, &arguments);
  if (!inputs) return report(inputs.error(), kExitFailed);
  if (inputs->empty()) return nothing_found();
  auto options = open_options(arguments, inputs->size());
  if (!options) return report(options.error(), kExitUsage);
  if (auto usable = check_outputs(*inputs, *options); !usable) return report(usable.error(), kExitUsage);

  // Where records and bar would share the terminal, there is no bar.
  const bool prints = options->to == OpenOptions::To::standard_output || arguments.verify;
  const bool show_progress = isatty(STDERR_FILENO) == 1 && !(prints && isatty(STDOUT_FILENO) == 1);
  OpenReport observer(inputs->size(), arguments.verify, show_progress);
  auto tally = open_objects(*inputs, *options, source, observer);
  if (!tally) return report(tally.error(), kExitFailed);
  const std::uint64_t untried = inputs->size() - tally->opened - tally->refused;
  if (tally->ended_early && untried > 0) {
    print_note(std::to_string(untried) + " of " + std::to_string(inputs->size()) + " inputs were not tried");
  }
  return tally->refused == 0 ? kExitFine : kExitRefused;
}

int split(const SplitArguments& arguments) {
  auto inputs = find_all_inputs(arguments.inputs, arguments.keep_going, nullptr);
  if (!inputs) return report(inputs.error(), kExitFailed);
  if (inputs->empty()) return nothing_found();
  int status = kExitFine;
  OutputGuard guard;
  for (const Input& input : *inputs) guard.reads(input.file);
  for (const Input& input : *inputs) {
    auto files = split_object(input, arguments.output, guard);
    if (files) continue;
    status = report(files.error(), kExitRefused);
    if (!arguments.keep_going) break;
  }
  return status;
}

}  // namespace
}  // namespace edgeseal::agent

int main(int argc, char** argv) {
  using namespace edgeseal::agent;
  prctl(PR_SET_DUMPABLE, 0);  // no core dump, and no tracing by others than root: private keys are in here
  CLI::App app("Opens batches that edgeseal sealed, and other AWS Encryption SDK messages of suite 0x0478.",
               "edgeseal-open");
  app.set_version_flag("--version", open_version_text);
  app.require_subcommand(0, 1);
  OpenArguments open_arguments;
  add_open_arguments(app, open_arguments);
  SplitArguments split_arguments;
  CLI::App* split_command =
      app.add_subcommand("split", "Write each frame of journal objects (*.esdks) as a message of its own");
  add_split_arguments(*split_command, split_arguments);
  return run_program(app, argc, argv, [&] {
    return split_command->parsed() ? split(split_arguments) : edgeseal::agent::open(open_arguments);
  });
}
