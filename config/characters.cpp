// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/characters.h"

namespace edgeseal::config {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace edgeseal::config
