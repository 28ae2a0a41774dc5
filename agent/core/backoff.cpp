// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/backoff.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace edgeseal::agent {

Duration Backoff::after_failure(Random& random) {
  constexpr std::uint32_t kDoublingsMax = 30;
  const std::int64_t doubled = options_.first.count() << std::min(failures_, kDoublingsMax);
  const std::int64_t bound = std::min(doubled, options_.longest.count());
  ++failures_;
  std::array<std::uint8_t, 8> drawn{};
  if (!random.fill(drawn)) return Duration(bound);
  std::uint64_t number = 0;
  std::memcpy(&number, drawn.data(), drawn.size());
  return Duration(static_cast<std::int64_t>(number % static_cast<std::uint64_t>(bound + 1)));
}

}  // namespace edgeseal::agent
