// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes made worse by chance that is the same on every machine: no distributions of the standard library, which differ.
#pragma once
#include <algorithm>
#include <array>
#include <random>

#include "crypto/base/bytes.h"

namespace edgeseal::fuzzing {

class Mutation {
 public:
  explicit Mutation(std::uint64_t seed) : engine_(seed) {}

  /// One to four changes to `input`; some of them put parts of `other` into it.
  [[nodiscard]] Bytes of(Bytes input, ByteView other) {
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(input, other);
    return input;
  }

 private:
  using Difference = Bytes::difference_type;
  static constexpr std::array<std::uint8_t, 8> kEdges{0x00, 0x01, 0x7f, 0x80, 0xff, 0xfe, 0x20, 0x30};

  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(engine_() % bound); }
  std::uint8_t any_byte() {
    return below(2) == 0 ? kEdges[below(kEdges.size())] : static_cast<std::uint8_t>(engine_());
  }

  void change(Bytes& input, ByteView other) {
    const std::size_t at = below(input.size());
    const std::size_t span = std::min(below(2) == 0 ? 1 + below(8) : 1 + below(input.size()), input.size() - at);
    const auto place = input.begin() + static_cast<Difference>(at);
    const auto end = place + static_cast<Difference>(span);
    switch (below(8)) {
      case 0:
        return input.resize(at);
      case 1:
        input.erase(place, end);
        return;
      case 2: {
        const Bytes again(place, end);
        input.insert(place, again.begin(), again.end());
        return;
      }
      case 3: {
        const std::size_t count = 1 + below(4);
        input.insert(place, count, any_byte());
        return;
      }
      case 4: {
        const ByteView part = other.subspan(below(other.size()));
        const std::size_t count = std::min(span, part.size());
        std::copy_n(part.begin(), count, place);
        return;
      }
      case 5:
        std::fill(place, end, any_byte());
        return;
      default:
        if (input.empty()) return input.push_back(any_byte());
        if (below(2) == 0) *place = any_byte();
        *place = static_cast<std::uint8_t>(*place ^ (1U << below(8)));
    }
  }

  std::mt19937_64 engine_;
};

}  // namespace edgeseal::fuzzing
