// SPDX-License-Identifier: GPL-3.0-or-later
// Two clocks that cannot be confused: one follows the calendar, the other only ever moves forward.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace edgeseal {

using Duration = std::chrono::microseconds;

/// Microseconds since 1970-01-01T00:00:00Z. It jumps when the clock is set. For stamps only.
struct WallTime {
  std::chrono::microseconds since_epoch{0};
  auto operator<=>(const WallTime&) const = default;
};

/// From a column or a message, which carry microseconds.
[[nodiscard]] constexpr WallTime wall_time_from_us(std::int64_t us) { return {std::chrono::microseconds{us}}; }

/// Time since some start of the machine. It never jumps. For deadlines and backoff only.
struct MonotonicTime {
  std::chrono::microseconds since_start{0};
  auto operator<=>(const MonotonicTime&) const = default;
};
[[nodiscard]] constexpr MonotonicTime operator+(MonotonicTime t, Duration d) { return {t.since_start + d}; }
[[nodiscard]] constexpr Duration operator-(MonotonicTime a, MonotonicTime b) { return a.since_start - b.since_start; }
[[nodiscard]] constexpr WallTime operator+(WallTime t, Duration d) { return {t.since_epoch + d}; }
[[nodiscard]] constexpr Duration operator-(WallTime a, WallTime b) { return a.since_epoch - b.since_epoch; }

/// One reading of all clocks, taken once per event and passed down.
struct Now {
  MonotonicTime monotonic;
  WallTime wall;
  bool synced = false;  ///< the kernel says that the wall clock follows a reference
};

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Now now() const = 0;
};

/// The machine's clocks. Only agent/runtime and the command lines make one. Threads: any. It asks only once per second
/// whether the wall clock is synchronised, because that is a system call, and reading the time is none.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Now now() const override;

 private:
  mutable std::atomic<bool> synced_ = false;
  mutable std::atomic<Duration::rep> ask_again_us_ = 0;  ///< monotonic
};

/// RFC 3339 in UTC with microseconds, as records show it: 2026-11-24T09:15:03.123456Z.
[[nodiscard]] std::string format_rfc3339(WallTime time);
/// Parts of the UTC date, for object names and signatures: "2026-11-24", "09", "20261124T091503Z".
[[nodiscard]] std::string format_date(WallTime time);
[[nodiscard]] std::string format_hour(WallTime time);
[[nodiscard]] std::string format_basic(WallTime time);

}  // namespace edgeseal
