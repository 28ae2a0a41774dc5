// SPDX-License-Identifier: GPL-3.0-or-later
// What an upload does is shown on a real server, in tests/component/http/s3_sink_test.cpp.
#include "transport/sinks/s3_sink.h"

#include <gtest/gtest.h>

namespace edgeseal::transport {
namespace {

using std::chrono::seconds;

// 64 MiB over a 2G modem: in a minute it would never get through, however often it is tried.
TEST(UploadTimeTest, GrowsWithTheObject) {
  EXPECT_EQ(upload_time_max(seconds{60}, 0), seconds{60});
  EXPECT_EQ(upload_time_max(seconds{60}, 1 << 20), seconds{60 + 256});
  EXPECT_EQ(upload_time_max(seconds{60}, 64 << 20), seconds{60 + 16384});
}

}  // namespace
}  // namespace edgeseal::transport
