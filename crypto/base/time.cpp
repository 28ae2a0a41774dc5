// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/time.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "crypto/base/clock_sync.h"

namespace edgeseal {
namespace {

constexpr Duration kSyncedFor = std::chrono::seconds(1);

std::tm utc(WallTime time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time.since_epoch).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

std::string format(WallTime time, const char* pattern) {
  const std::tm parts = utc(time);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), pattern, &parts);
  return {text.data(), size};
}

}  // namespace

Now SystemClock::now() const {
  using std::chrono::duration_cast;
  const auto monotonic = duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
  if (monotonic.count() >= ask_again_us_) {
    synced_ = clock_follows_reference();
    ask_again_us_ = (monotonic + kSyncedFor).count();
  }
  return {
      .monotonic = {monotonic},
      .wall = {duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())},
      .synced = synced_,
  };
}

std::string format_rfc3339(WallTime time) {
  // Not the difference to the second below: that is out of range for the first times there are.
  Duration fraction = time.since_epoch % std::chrono::seconds(1);
  if (fraction.count() < 0) fraction += std::chrono::seconds(1);
  std::array<char, 16> micros{};
  std::snprintf(micros.data(), micros.size(), ".%06dZ", static_cast<int>(fraction.count()));
  return format(time, "%Y-%m-%dT%H:%M:%S") + micros.data();
}

std::string format_date(WallTime time) { return format(time, "%Y-%m-%d"); }
std::string format_hour(WallTime time) { return format(time, "%H"); }
std::string format_basic(WallTime time) { return format(time, "%Y%m%dT%H%M%SZ"); }

}  // namespace edgeseal
