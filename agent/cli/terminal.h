// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

#include "crypto/base/result.h"

namespace edgeseal::agent {

/// Prints "error: what" and, when there is one, "fix: …" on stderr. Gives the exit status that the kind asks for:
/// kExitConfig for Kind::invalid, kExitFailed for all others.
int print_error(const Error& error);

}  // namespace edgeseal::agent
