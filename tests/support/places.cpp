// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/places.h"

namespace edgeseal::test {

std::string source_dir() { return EDGESEAL_SOURCE_DIR; }
std::string program_dir() { return EDGESEAL_BINARY_DIR; }

}  // namespace edgeseal::test
