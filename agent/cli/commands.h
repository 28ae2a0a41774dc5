// SPDX-License-Identifier: GPL-3.0-or-later
// The sub-commands of `edgeseal`, one file each. Every function adds its command to `app`. When that command is given,
// parsing runs it and sets `status` to the exit status.
#pragma once
#include <array>

#include <CLI/CLI.hpp>

namespace edgeseal::agent {

void add_run(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_config(CLI::App& app, int& status);
void add_seal(CLI::App& app, int& status);
void add_pin(CLI::App& app, int& status);
void add_status(CLI::App& app, int& status);

/// All of them, in the order in which help shows them. A new command is declared above and named here.
inline constexpr std::array kCommands = {add_run, add_check, add_config, add_seal, add_pin, add_status};

}  // namespace edgeseal::agent
