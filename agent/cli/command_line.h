// SPDX-License-Identifier: GPL-3.0-or-later
// The frame of both main()s.
#pragma once
#include <functional>

#include <CLI/CLI.hpp>

namespace edgeseal::agent {

/// Parses the command line, which runs the callbacks of commands, then calls `work`, and gives the exit status of the
/// process: that of `work`, unless the use was wrong (64), help or version was asked for (0), something was thrown (1),
/// or stdout could not be written (1). A command that needs a sub-command and was given none prints its help on stderr.
/// A pipe that nobody reads is an error like any other, not a signal.
[[nodiscard]] int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& work);

}  // namespace edgeseal::agent
