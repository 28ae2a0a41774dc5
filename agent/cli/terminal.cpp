// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/terminal.h"

#include <cerrno>
#include <iostream>
#include <system_error>

#include <poll.h>
#include <unistd.h>

#include "agent/cli/exit_codes.h"
#include "crypto/base/shown_text.h"

namespace edgeseal::agent {

void say(std::string_view line) { std::cout << shown(line) << "\n"; }

void print_warning(std::string_view line) { std::cerr << "warning: " << shown(line) << "\n"; }

void print_note(std::string_view line) { std::cerr << shown(line) << "\n"; }

int print_error(const Error& error) {
  std::cerr << "error: ";
  if (!error.where.empty()) std::cerr << shown(error.where) << ": ";
  std::cerr << shown(error.what) << "\n";
  if (!error.fix.empty()) std::cerr << "fix: " << shown(error.fix) << "\n";
  return error.kind == Kind::invalid ? kExitConfig : kExitFailed;
}

bool reader_has_gone() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

int finish_output(int status) {
  errno = 0;
  std::cout.flush();
  if (std::cout) return status;
  if (!reader_has_gone()) {
    const std::string why = errno == 0 ? "it could not be written" : std::generic_category().message(errno);
    print_error({Kind::fault, why, "standard output", {}, {}});
  }
  return kExitFailed;
}

}  // namespace edgeseal::agent
