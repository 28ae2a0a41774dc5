// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/drop_count.h"

#include <gtest/gtest.h>

namespace edgeseal::transport {
namespace {

TEST(DropCount, IsADecimalNumber) {
  EXPECT_EQ(read_drop_count(as_bytes("0")), 0U);
  EXPECT_EQ(read_drop_count(as_bytes("18446744073709551615")), 18446744073709551615U);
}

TEST(DropCount, IsNothingElse) {
  for (const char* text : {"", " 1", "1 ", "-1", "+1", "1.5", "0x10", "many", "18446744073709551616"}) {
    EXPECT_EQ(read_drop_count(as_bytes(text)), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace edgeseal::transport
