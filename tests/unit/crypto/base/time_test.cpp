// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/time.h"

#include <gtest/gtest.h>

namespace edgeseal {
namespace {

template <typename A, typename B>
concept Subtractable = requires(A a, B b) {
  a - b;
};
static_assert(Subtractable<WallTime, WallTime> && Subtractable<MonotonicTime, MonotonicTime>);
static_assert(!Subtractable<WallTime, MonotonicTime> && !Subtractable<MonotonicTime, WallTime>,
              "what a calendar says and what has passed do not mix");

WallTime at(std::int64_t seconds, std::int64_t micros = 0) { return {Duration{seconds * 1'000'000 + micros}}; }

struct StampRow {
  WallTime time;
  const char* rfc3339;
  const char* date;
  const char* hour;
  const char* basic;
};

// Seconds by `date -u -d … +%s`.
TEST(TimeTest, IsFormattedInUtc) {
  const StampRow rows[] = {
      {at(0), "1970-01-01T00:00:00.000000Z", "1970-01-01", "00", "19700101T000000Z"},
      {at(0, 1), "1970-01-01T00:00:00.000001Z", "1970-01-01", "00", "19700101T000000Z"},
      // Before 1970: the fraction counts up from the second below.
      {at(0, -1), "1969-12-31T23:59:59.999999Z", "1969-12-31", "23", "19691231T235959Z"},
      {at(-1), "1969-12-31T23:59:59.000000Z", "1969-12-31", "23", "19691231T235959Z"},
      {at(-2208988800), "1900-01-01T00:00:00.000000Z", "1900-01-01", "00", "19000101T000000Z"},
      {at(951782400), "2000-02-29T00:00:00.000000Z", "2000-02-29", "00", "20000229T000000Z"},
      {at(1795511703, 123456), "2026-11-24T09:15:03.123456Z", "2026-11-24", "09", "20261124T091503Z"},
      // Past 32 bits.
      {at(2147483648), "2038-01-19T03:14:08.000000Z", "2038-01-19", "03", "20380119T031408Z"},
      // 2100 is no leap year.
      {at(4107542399, 999999), "2100-02-28T23:59:59.999999Z", "2100-02-28", "23", "21000228T235959Z"},
      {at(4107542400), "2100-03-01T00:00:00.000000Z", "2100-03-01", "00", "21000301T000000Z"},
      // The ends of what a record may claim.
      {{Duration::min()}, "-290308-12-21T19:59:05.224192Z", "-290308-12-21", "19", "-2903081221T195905Z"},
      {{Duration::max()}, "294247-01-10T04:00:54.775807Z", "294247-01-10", "04", "2942470110T040054Z"},
  };
  for (const StampRow& row : rows) {
    EXPECT_EQ(format_rfc3339(row.time), row.rfc3339);
    EXPECT_EQ(format_date(row.time), row.date);
    EXPECT_EQ(format_hour(row.time), row.hour);
    EXPECT_EQ(format_basic(row.time), row.basic);
  }
}

TEST(SystemClockTest, IsTheMachinesAndItsMonotonicTimeNeverGoesBack) {
  const SystemClock clock;
  const Now first = clock.now();
  const Now second = clock.now();
  EXPECT_GE(second.monotonic, first.monotonic);
  const auto system = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_LT(std::chrono::abs(system - first.wall.since_epoch), std::chrono::hours(1));
}

}  // namespace
}  // namespace edgeseal
