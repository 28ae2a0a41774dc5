// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace edgeseal::agent {

/// What --version prints: version, commit, library versions, and which AES is in use.
[[nodiscard]] std::string version_text();

}  // namespace edgeseal::agent
