// SPDX-License-Identifier: GPL-3.0-or-later
// Paho's C library writes down each function that it enters and each block that it allocates, under locks of its own,
// for its traces: some 60 % of what a message costs (12 microseconds, 4.5 without). Its build switch
// PAHO_HIGH_PERFORMANCE leaves that out; Debian builds without. Here the linker's --wrap does the same to Debian's
// static library: calls to these five go to __wrap_…. Their declarations: Paho's src/StackTrace.h and src/Heap.h.
#include <cstdlib>

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
extern "C" {
void __wrap_StackTrace_entry(const char* /*function*/, int /*line*/, int /*level*/) {}
void __wrap_StackTrace_exit(const char* /*function*/, int /*line*/, void* /*result*/, int /*level*/) {}
void* __wrap_mymalloc(char* /*file*/, int /*line*/, std::size_t size) { return std::malloc(size); }
void* __wrap_myrealloc(char* /*file*/, int /*line*/, void* block, std::size_t size) {
  return std::realloc(block, size);
}
void __wrap_myfree(char* /*file*/, int /*line*/, void* block) { std::free(block); }
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
