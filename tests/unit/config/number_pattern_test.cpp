// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/number_pattern.h"

#include <regex>

#include <gtest/gtest.h>

namespace edgeseal::config {
namespace {

TEST(NumberPattern, TakesTheNumbersOfItsRangeAndNoOthers) {
  for (std::uint64_t min = 0; min <= 130; min += 1 + min / 9) {
    for (std::uint64_t max = min; max <= 1300; max += 1 + max / 5) {
      const std::regex pattern(number_pattern(min, max), std::regex::optimize);
      for (std::uint64_t number = 0; number <= 1400; number += number < 150 ? 1 : 7) {
        ASSERT_EQ(std::regex_match(std::to_string(number), pattern), number >= min && number <= max)
            << number << " in " << min << " to " << max;
      }
    }
  }
}

TEST(NumberPattern, EndsAtTheLargestNumbersToo) {
  const std::regex pattern(number_pattern(1, UINT64_MAX));
  EXPECT_TRUE(std::regex_match("18446744073709551615", pattern));
  EXPECT_FALSE(std::regex_match("18446744073709551616", pattern));
  EXPECT_TRUE(std::regex_match("00018446744073709551615", pattern)) << "zeros in front";
  EXPECT_FALSE(std::regex_match("", pattern));
}

}  // namespace
}  // namespace edgeseal::config
