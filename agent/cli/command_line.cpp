// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/command_line.h"

#include <csignal>
#include <iostream>
#include <sstream>

#include "agent/cli/exit_codes.h"
#include "agent/cli/terminal.h"

namespace edgeseal::agent {
namespace {

/// The command that the arguments have come to.
const CLI::App& deepest(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest(*parsed.front());
}

int end_of(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream complaint;
  if (app.exit(error, std::cout, complaint) == 0) return kExitFine;
  // What was typed, or pasted, stands in it.
  std::istringstream lines(complaint.str());
  for (std::string line; std::getline(lines, line);) print_note(line);
  const CLI::App& command = deepest(app);
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
  return finish_output(parse_and_work(app, argc, argv, work));
}

}  // namespace edgeseal::agent
