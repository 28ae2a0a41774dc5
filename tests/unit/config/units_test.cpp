// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/units.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgeseal::config {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct UnitRow {
  std::string text;
  std::optional<std::uint64_t> expected;  ///< milliseconds or bytes
  std::string fix{};                      ///< of what is refused
};

TEST(Units, Durations) {
  const std::vector<UnitRow> rows = {
      {"0ms", 0},
      {"1ms", 1},
      {"20ms", 20},
      {"60s", 60'000},
      {"5m", 300'000},
      {"24h", 86'400'000},
      {"30d", 2'592'000'000},
      {"106751991167d", 9'223'372'036'828'800'000},
      {"106751991168d", {}, "the number is too large"},
      {"99999999999999999999s", {}, "the number is too large"},
      {"60", {}, "write 60s"},
      {"0", {}, "write 0s"},
      {"", {}, "for example 30s"},
      {"s", {}, "for example 30s"},
      {"-1s", {}, "for example 30s"},
      {"+1s", {}, "for example 30s"},
      {"1.5h", {}, "write a whole number of a smaller unit"},
      {"1,5h", {}, "write a whole number of a smaller unit"},
      {"60 s", {}, "write 60s"},
      {"60sec", {}, "write 60s"},
      {"5msec", {}, "write 5ms"},
      {"5min", {}, "write 5m"},
      {"5M", {}, "write 5m"},
      {"2hours", {}, "write 2h"},
      {"2D", {}, "write 2d"},
      {"2w", {}, "write 14d"},
      {"1:30", {}, "a time with : is not read; write it with a unit, as in 90s or 90m"},
      {"2fortnights", {}, "for example 30s"},
      {"1h30m", {}, "write 90m"},
      {"1m30s", {}, "write 90s"},
      {"1s ", {}, "write 1s"},
  };
  for (const UnitRow& row : rows) {
    const auto duration = parse_duration(row.text);
    ASSERT_EQ(duration.has_value(), row.expected.has_value()) << row.text;
    if (duration) {
      EXPECT_EQ(static_cast<std::uint64_t>(duration->count()), *row.expected) << row.text;
    } else {
      EXPECT_EQ(duration.error().expected, "a duration with a unit (ms s m h d)");
      EXPECT_EQ(duration.error().fix, row.fix) << row.text;
    }
  }
}

TEST(Units, Sizes) {
  const std::vector<UnitRow> rows = {
      {"0B", 0},
      {"1B", 1},
      {"1KB", 1000},
      {"1KiB", 1024},
      {"1MB", 1'000'000},
      {"1MiB", 1'048'576},
      {"2GB", 2'000'000'000},
      {"2GiB", 2'147'483'648},
      {"8589934591GiB", 9'223'372'035'781'033'984},
      {"8589934592GiB", {}, "the number is too large"},
      {"18446744073709551616B", {}, "the number is too large"},
      {"64", {}, "write 64MiB"},
      {"1048576", {}, "write 1MiB"},
      {"1GiB ", {}, "write 1GiB"},
      {"1gib", {}, "write 1GiB"},
      {"1kb", {}, "write 1KB"},
      {"1K", {}, "write 1KB"},
      {"1G", {}, "write 1GB"},
      {"1Bytes", {}, "write 1B"},
      {"1TiB", {}, "write 1024GiB"},
      {"1.5GiB", {}, "write a whole number of a smaller unit"},
      {"GiB", {}, "for example 30MiB"},
  };
  for (const UnitRow& row : rows) {
    const auto size = parse_size(row.text);
    ASSERT_EQ(size.has_value(), row.expected.has_value()) << row.text;
    if (size) {
      EXPECT_EQ(*size, *row.expected) << row.text;
    } else {
      EXPECT_EQ(size.error().fix, row.fix) << row.text;
    }
  }
}

TEST(Units, AreWrittenInTheLargestThatGivesAWholeNumber) {
  EXPECT_EQ(format_duration(0ms), "0ms");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(48h), "2d");
  EXPECT_EQ(format_size(0), "0B");
  EXPECT_EQ(format_size(1000), "1000B");
  EXPECT_EQ(format_size(1'000'000), "1000000B");
  EXPECT_EQ(format_size(3 << 20), "3MiB");
}

TEST(Units, WhatIsWrittenIsReadAsTheSame) {
  for (const std::uint64_t number : {0ULL, 1ULL, 999ULL, 1024ULL, 60'000ULL, 86'400'000ULL, 9'007'199'254'740'993ULL}) {
    EXPECT_EQ(parse_size(format_size(number)), number);
    EXPECT_EQ(parse_duration(format_duration(std::chrono::milliseconds(number)))->count(),
              static_cast<std::int64_t>(number));
  }
}

// A sum that no number holds must not come out as another.
TEST(Units, SuggestsNoSumThatIsTooLarge) {
  for (const char* text : {"18446744073709551d1ms", "213503982334d15h30m8s", "99999999999999999h1m"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().fix, "for example 30s") << text;
  }
}

}  // namespace
}  // namespace edgeseal::config
