// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/sink_factory.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

TEST(SinkFactoryTest, MakesEachKindWithoutTouchingAnything) {
  EXPECT_THAT(make_sink(DirectorySinkOptions{.path = "/absent/folder"}), IsOk());
  EXPECT_THAT(
      make_sink(S3SinkOptions{.bucket = "ore", .region = "eu-west-1", .endpoint = {}, .credentials = {}, .ca = {}}),
      IsOk());
}

TEST(SinkFactoryTest, RefusesOptionsThatCannotWork) {
  EXPECT_THAT(make_sink(DirectorySinkOptions{.path = "/x", .key = "{seq}.esdk"}),
              Fails(Kind::invalid, HasSubstr("{batch}")));
  S3SinkOptions s3{.bucket = "ore", .region = {}, .endpoint = {}, .credentials = {}, .ca = {}};
  EXPECT_THAT(make_sink(s3), Fails(Kind::invalid, HasSubstr("region")));
  s3.region = "eu-west-1";
  s3.key = "no placeholder";
  EXPECT_THAT(make_sink(s3), Fails(Kind::invalid, HasSubstr(".esdk")));
}

}  // namespace
}  // namespace edgeseal::transport
