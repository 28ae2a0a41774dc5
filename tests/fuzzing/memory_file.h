// SPDX-License-Identifier: GPL-3.0-or-later
// A file for what takes a path: in memory, so that a million of them wear no disk.
#pragma once
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "crypto/base/bytes.h"
#include "crypto/base/ensure.h"

namespace edgeseal::fuzzing {

class MemoryFile {
 public:
  explicit MemoryFile(ByteView content) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
    ENSURE(descriptor_ >= 0);
    ENSURE(pwrite(descriptor_, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()));
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  /// Good as long as this lives.
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace edgeseal::fuzzing
