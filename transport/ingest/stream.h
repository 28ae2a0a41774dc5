// SPDX-License-Identifier: GPL-3.0-or-later
// A connection that never blocks. Plain TCP and TLS look the same.
#pragma once
#include <cstddef>
#include <memory>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::transport {

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }
  [[nodiscard]] int number() const { return number_; }
  void reset() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_ = -1;
};

/// What a read or a write did. If it gave neither bytes nor `closed`, the caller tries again when poll says so.
struct Transfer {
  std::size_t bytes = 0;
  bool closed = false;  ///< the far side has ended the connection
};

/// Threads: one at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Fails with Kind::transient and the reason when the connection broke.
  [[nodiscard]] virtual Result<Transfer> read(MutableByteView out) = 0;
  [[nodiscard]] virtual Result<Transfer> write(ByteView bytes) = 0;
  [[nodiscard]] virtual int descriptor() const = 0;
  /// What to poll for before the next read or write. TLS may have to write before it can read.
  [[nodiscard]] virtual short read_events() const { return POLLIN; }
  [[nodiscard]] virtual short write_events() const { return POLLOUT; }
};

}  // namespace edgeseal::transport
