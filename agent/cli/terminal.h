// SPDX-License-Identifier: GPL-3.0-or-later
// The doors to the terminal, alike in both programs: what comes from outside is made safe here
// (crypto/base/shown_text.h), and an output that cannot be written is noticed.
#pragma once
#include <string>
#include <string_view>

#include "crypto/base/result.h"

namespace edgeseal::agent {

/// One line on stdout.
void say(std::string_view line);
/// "warning: line" on stderr.
void print_warning(std::string_view line);
/// One line on stderr.
void print_note(std::string_view line);
/// "error: where: what" and, when there is one, "fix: …" on stderr. Gives the exit status that the kind asks for:
/// kExitConfig for Kind::invalid, kExitFailed for all others.
int print_error(const Error& error);

/// Whether stdout is a pipe or socket that nobody reads any more. Then there is nobody to tell of it either.
[[nodiscard]] bool reader_has_gone();

/// Hands on what is left in stdout. `status` when all could be written; otherwise kExitFailed, after an error line,
/// which a reader who has gone is spared.
[[nodiscard]] int finish_output(int status);

}  // namespace edgeseal::agent
