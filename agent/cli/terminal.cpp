// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/terminal.h"

#include <iostream>

#include "agent/cli/exit_codes.h"

namespace edgeseal::agent {

int print_error(const Error& error) {
  std::cerr << "error: ";
  if (!error.where.empty()) std::cerr << error.where << ": ";
  std::cerr << error.what << "\n";
  if (!error.fix.empty()) std::cerr << "fix: " << error.fix << "\n";
  return error.kind == Kind::invalid ? kExitConfig : kExitFailed;
}

}  // namespace edgeseal::agent
