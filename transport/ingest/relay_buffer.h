// SPDX-License-Identifier: GPL-3.0-or-later
// Holds bytes on their way through the gate: filled at one end, emptied at the other, bounded and wiped.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "crypto/base/ensure.h"
#include "crypto/base/wipe.h"

namespace edgeseal::transport {

/// A queue of up to `capacity` bytes in one piece of memory. Payloads pass through it, so bytes that have gone are
/// wiped.
/// Threads: one at a time.
class RelayBuffer {
 public:
  explicit RelayBuffer(std::size_t capacity) : memory_(capacity) {}

  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] ByteView bytes() const { return {memory_.data() + begin_, end_ - begin_}; }
  /// How many more bytes it takes.
  [[nodiscard]] std::size_t room() const { return memory_.size() - (end_ - begin_); }

  /// Memory for `room()` more bytes in one piece. The caller says with `filled` how many came.
  [[nodiscard]] MutableByteView space() {
    if (begin_ > 0) {
      const std::size_t count = end_ - begin_;
      std::memmove(memory_.data(), memory_.data() + begin_, count);
      wipe(memory_.data() + count, end_ - count);
      begin_ = 0;
      end_ = count;
    }
    return {memory_.data() + end_, memory_.size() - end_};
  }
  void filled(std::size_t count) {
    ENSURE(count <= memory_.size() - end_);
    end_ += count;
  }
  /// `bytes` must not be more than `room()`.
  void append(ByteView bytes) {
    if (bytes.empty()) return;
    const MutableByteView to =
        bytes.size() <= memory_.size() - end_ ? MutableByteView{memory_.data() + end_, bytes.size()} : space();
    ENSURE(bytes.size() <= to.size());
    std::copy(bytes.begin(), bytes.end(), to.begin());
    end_ += bytes.size();
  }
  /// The first `count` bytes have gone.
  void emptied(std::size_t count) {
    ENSURE(count <= end_ - begin_);
    wipe(memory_.data() + begin_, count);
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

 private:
  PlainBytes memory_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace edgeseal::transport
