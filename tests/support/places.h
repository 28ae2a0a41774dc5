// SPDX-License-Identifier: GPL-3.0-or-later
// Where a test finds the repository's files and the programs that were built. Compiled once, so that no other source
// names a folder of this machine and a compiler's cache serves every clone.
#pragma once
#include <string>

namespace edgeseal::test {

/// The root of the repository, without a slash at its end.
[[nodiscard]] std::string source_dir();
/// The folder of the programs of this build, without a slash at its end.
[[nodiscard]] std::string program_dir();

}  // namespace edgeseal::test
