// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/command_line.h"

#include <csignal>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "agent/cli/exit_codes.h"
#include "agent/cli/terminal.h"
#include "crypto/base/nearest.h"

namespace edgeseal::agent {
namespace {

/// The command that the arguments have come to.
const CLI::App& deepest(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest(*parsed.front());
}

/// The word where a command should be, and is none; empty when there is none.
std::string mistyped_command(const CLI::App& command) {
  if (command.get_require_subcommand_min() == 0) return {};
  const std::vector<std::string> words = command.remaining();
  return words.empty() || words.front().starts_with('-') ? std::string() : words.front();
}

void say_no_such_command(const CLI::App& command, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  const auto near = nearest(word, names);
  print_note(command.get_name() + ": there is no command " + word + (near ? "; did you mean " + *near + "?" : ""));
}

/// A word that looks like an option, and the command that has no such option.
struct UnknownOption {
  const CLI::App* command;
  std::string name;  ///< without what follows a "=", which may be secret
};

/// Along the commands that the arguments have come to.
std::optional<UnknownOption> unknown_option(const CLI::App& app) {
  for (const std::string& word : app.remaining()) {
    if (word.size() > 1 && word.starts_with('-') && word != "--") {
      return UnknownOption{&app, word.substr(0, word.find('='))};
    }
  }
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? std::nullopt : unknown_option(*parsed.front());
}

void say_no_such_option(const UnknownOption& option) {
  std::vector<std::string> names;
  for (const CLI::Option* known : option.command->get_options()) {
    for (const std::string& name : known->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : known->get_snames()) names.push_back("-" + name);
  }
  const auto near = nearest(option.name, names);
  print_note(option.command->get_name() + ": there is no option " + option.name +
             (near ? "; did you mean " + *near + "?" : ""));
}

int end_of(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream complaint;
  if (app.exit(error, std::cout, complaint) == 0) return kExitFine;
  const CLI::App& command = deepest(app);
  if (const std::string word = mistyped_command(command); !word.empty()) {
    say_no_such_command(command, word);
  } else if (const auto option = unknown_option(app)) {
    say_no_such_option(*option);
  } else {
    // What was typed, or pasted, stands in it.
    std::istringstream lines(complaint.str());
    for (std::string line; std::getline(lines, line);) print_note(line);
  }
  if (command.get_require_subcommand_min() > 0) std::cerr << "\n" << command.help();
  return kExitUsage;
}

int parse_and_work(CLI::App& app, int argc, char** argv, const std::function<int()>& work) {
  try {
    app.parse(argc, argv);
    return work();
  } catch (const CLI::ParseError& error) {
    return end_of(app, error);
  } catch (const std::exception& error) {
    return print_error({Kind::fault, error.what(), {}, {}, {}});
  }
}

}  // namespace

int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& work) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // what cannot be written is told, as on a full disk
  return finish_output(parse_and_work(app, argc, argv, work));
}

}  // namespace edgeseal::agent
