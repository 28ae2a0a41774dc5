// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/s3_inputs.h"

#include <gtest/gtest.h>

namespace edgeseal::agent {
namespace {

TEST(NaturalLessTest, TakesDigitsByValue) {
  EXPECT_TRUE(natural_less("t/9-x", "t/10-a"));
  EXPECT_FALSE(natural_less("t/10-a", "t/9-x"));
  EXPECT_TRUE(natural_less("route=a/2", "route=b/1"));
  EXPECT_TRUE(natural_less("a", "a1"));
  EXPECT_TRUE(natural_less("18446744073709551616", "18446744073709551617"));
}

TEST(NaturalLessTest, IsAStrictOrder) {
  EXPECT_FALSE(natural_less("a1", "a1"));
  EXPECT_NE(natural_less("a01", "a1"), natural_less("a1", "a01")) << "leading zeros decide at last";
  EXPECT_FALSE(natural_less("", ""));
}

TEST(SafeRelativeTest, LeadsNowhereElse) {
  EXPECT_EQ(safe_relative("gateway=a/route=b/1.esdk"), "gateway=a/route=b/1.esdk");
  EXPECT_EQ(safe_relative("../../etc/passwd.esdk"), "etc/passwd.esdk");
  EXPECT_EQ(safe_relative("/etc//./x.esdk"), "etc/x.esdk");
  EXPECT_EQ(safe_relative("a/.."), "a");
}

}  // namespace
}  // namespace edgeseal::agent
