// SPDX-License-Identifier: GPL-3.0-or-later
// What a target is: one function that takes any bytes and aborts when a promise is broken, and bytes to begin with.
// libFuzzer runs it in preset fuzz, replay.cpp in all others.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/ensure.h"

/// Returns 0. Whatever it is given, it neither crashes nor reads what is not its own, and its ENSUREs hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace edgeseal::fuzzing {

/// Well-formed inputs, the same each time, that reach as deep as inputs can: the target's own.
[[nodiscard]] std::vector<Bytes> seeds();

/// An input as a target takes it apart: settings first, what is parsed last. What is missing reads as 0.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : left_(data, size) {}
  [[nodiscard]] bool empty() const { return left_.empty(); }
  [[nodiscard]] std::uint8_t u8() {
    const ByteView byte = bytes(1);
    return byte.empty() ? std::uint8_t{0} : byte[0];
  }
  [[nodiscard]] ByteView bytes(std::size_t count) {
    const ByteView taken = left_.first(count < left_.size() ? count : left_.size());
    left_ = left_.subspan(taken.size());
    return taken;
  }
  [[nodiscard]] ByteView rest() { return bytes(left_.size()); }

 private:
  ByteView left_;
};

/// Hands `all` on in pieces until `take` gives false: each of 1 to 256 `unit`s, as the next byte of `cuts`, in turn,
/// says; all at once without any.
template <typename Take>
void in_pieces(ByteView all, ByteView cuts, const Take& take, std::size_t unit = 1) {
  for (std::size_t turn = 0; !all.empty(); ++turn) {
    std::size_t count = cuts.empty() ? all.size() : (std::size_t{cuts[turn % cuts.size()]} + 1) * unit;
    if (count > all.size()) count = all.size();
    if (!take(all.first(count))) return;
    all = all.subspan(count);
  }
}

}  // namespace edgeseal::fuzzing
