// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/clock_sync.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.h"

namespace edgeseal {
namespace {

TEST(ClockSyncTest, BelievesAStampForNineHoursOnEitherSide) {
  test::TempDir folder;
  const std::string stamp = folder.write("synchronized", "");
  constexpr std::int64_t kTouched = 1'800'000'000;
  const timespec times[2] = {{kTouched, 0}, {kTouched, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, stamp.c_str(), times, 0), 0);
  const auto at = [&](std::int64_t hours) {
    return was_synced_lately(stamp.c_str(), {std::chrono::seconds(kTouched) + std::chrono::hours(hours)});
  };
  EXPECT_TRUE(at(0));
  EXPECT_TRUE(at(9));
  EXPECT_TRUE(at(-9));
  EXPECT_FALSE(at(10));
  EXPECT_FALSE(at(-10)) << "the clock has jumped since";
  EXPECT_FALSE(was_synced_lately((folder / "absent").c_str(), {std::chrono::seconds(kTouched)}));
}

}  // namespace
}  // namespace edgeseal
