// SPDX-License-Identifier: GPL-3.0-or-later
// Wakes a thread that sleeps in poll.
#pragma once
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

#include "crypto/base/ensure.h"
#include "transport/ingest/stream.h"

namespace edgeseal::transport {

/// Threads: any may call `signal`, and only the sleeper the rest. Signals before the sleeper looks count as one.
class Wake {
 public:
  Wake() : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { ENSURE(event_.number() >= 0); }
  void signal() {
    const std::uint64_t one = 1;
    ENSURE(write(event_.number(), &one, sizeof one) == sizeof one);
  }
  /// Readable, as poll has it, from a signal until `clear`.
  [[nodiscard]] int descriptor() const { return event_.number(); }
  void clear() {
    std::uint64_t count = 0;
    const ssize_t read_bytes = read(event_.number(), &count, sizeof count);
    static_cast<void>(read_bytes);  // nothing to read is fine
  }

 private:
  Descriptor event_;
};

}  // namespace edgeseal::transport
