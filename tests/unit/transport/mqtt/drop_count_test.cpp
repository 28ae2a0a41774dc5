// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/drop_count.h"

#include <gtest/gtest.h>

namespace edgeseal::transport {
namespace {

TEST(DropCount, IsADecimalNumber) {
  EXPECT_EQ(read_drop_count(as_bytes("0")), 0U);
  EXPECT_EQ(read_drop_count(as_bytes("9223372036854775807")), kDropCountMax);
}

TEST(DropCount, IsNothingElse) {
  for (const char* text : {"", " 1", "1 ", "-1", "+1", "1.5", "0x10", "many", "9223372036854775808"}) {
    EXPECT_EQ(read_drop_count(as_bytes(text)), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace edgeseal::transport
