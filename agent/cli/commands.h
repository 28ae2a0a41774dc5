// SPDX-License-Identifier: GPL-3.0-or-later
// The sub-commands of `edgeseal`, one file each. Every function adds its command to `app`; when the command was given,
// parsing runs it and sets `status` to the exit status.
#pragma once
#include <CLI/CLI.hpp>

namespace edgeseal::agent {

void add_run(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_config(CLI::App& app, int& status);
void add_seal(CLI::App& app, int& status);
void add_pin(CLI::App& app, int& status);
void add_status(CLI::App& app, int& status);

}  // namespace edgeseal::agent
