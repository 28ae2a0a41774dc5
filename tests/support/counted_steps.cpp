// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/counted_steps.h"

#include <algorithm>

namespace {
thread_local std::size_t counted = 0;
}

// The linker's --wrap=NAME sends calls of NAME to __wrap_NAME, and __real_NAME to NAME.
extern "C" {
void __sanitizer_cov_trace_pc();
void __sanitizer_cov_trace_pc() { ++counted; }

#define EDGESEAL_COUNTED(result, name, parameters, arguments) \
  result __real_##name parameters;                            \
  result __wrap_##name parameters;                            \
  result __wrap_##name parameters {                           \
    counted += size;                                          \
    return __real_##name arguments;                           \
  }
EDGESEAL_COUNTED(void*, memcpy, (void* to, const void* from, std::size_t size), (to, from, size))
EDGESEAL_COUNTED(void*, memmove, (void* to, const void* from, std::size_t size), (to, from, size))
EDGESEAL_COUNTED(void*, memset, (void* to, int byte, std::size_t size), (to, byte, size))
// As _FORTIFY_SOURCE calls them.
EDGESEAL_COUNTED(void*, __memcpy_chk, (void* to, const void* from, std::size_t size, std::size_t room),
                 (to, from, size, room))
EDGESEAL_COUNTED(void*, __memmove_chk, (void* to, const void* from, std::size_t size, std::size_t room),
                 (to, from, size, room))
EDGESEAL_COUNTED(void*, __memset_chk, (void* to, int byte, std::size_t size, std::size_t room), (to, byte, size, room))

// These two end early, and so do their counts.
void* __real_memchr(const void* in, int byte, std::size_t size);
void* __wrap_memchr(const void* in, int byte, std::size_t size);
void* __wrap_memchr(const void* in, int byte, std::size_t size) {
  void* const found = __real_memchr(in, byte, size);
  counted +=
      found == nullptr ? size : static_cast<std::size_t>(static_cast<char*>(found) - static_cast<const char*>(in)) + 1;
  return found;
}
int __real_memcmp(const void* a, const void* b, std::size_t size);
int __wrap_memcmp(const void* a, const void* b, std::size_t size);
int __wrap_memcmp(const void* a, const void* b, std::size_t size) {
  const auto* const first = static_cast<const char*>(a);
  counted += static_cast<std::size_t>(std::mismatch(first, first + size, static_cast<const char*>(b)).first - first);
  return __real_memcmp(a, b, size);
}
}

std::size_t edgeseal::test::steps() { return counted; }
