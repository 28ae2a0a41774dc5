// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/wipe.h"

#include <cstring>

namespace edgeseal {

void wipe(void* memory, std::size_t size) {
  if (size == 0) return;
  std::memset(memory, kWipeByte, size);
  // The asm claims to read the memory, so the compiler cannot drop the write as dead.
  __asm__ __volatile__("" : : "r"(memory) : "memory");
}

}  // namespace edgeseal
