// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions drawn from a seed: the same on every machine, unlike the distributions of the standard library.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <random>

#include "crypto/base/time.h"

namespace edgeseal::test {

/// Threads: one at a time.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}

  /// From zero to `bound` - 1.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  [[nodiscard]] std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + below(most - least + 1);
  }
  [[nodiscard]] bool perhaps(unsigned percent) { return below(100) < percent; }
  /// Seconds are as likely as hours: the bound is drawn among the doublings of `least`.
  [[nodiscard]] Duration duration(Duration least, Duration most) {
    const auto first = static_cast<std::uint64_t>(least.count());
    const auto last = static_cast<std::uint64_t>(most.count());
    const std::uint64_t doublings = below(static_cast<std::uint64_t>(std::bit_width(last / first)) + 1);
    return Duration(static_cast<std::int64_t>(between(first, std::min(last, first << doublings))));
  }
  template <typename Container>
  [[nodiscard]] const auto& pick(const Container& container) {
    return container[below(container.size())];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace edgeseal::test
