// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace edgeseal {

void ensure_failed(std::string_view condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %.*s\n", file, line, static_cast<int>(condition.size()),
               condition.data());
  std::abort();
}

}  // namespace edgeseal
