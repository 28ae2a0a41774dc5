// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/s3_location.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::IsOk;

TEST(S3LocationTest, SpellsAddressesInEachStyle) {
  struct Row {
    S3Location location;
    std::string url;
  };
  const Row rows[] = {
      {{"ore", "eu-west-1", "", false}, "https://ore.s3.eu-west-1.amazonaws.com/a%3D1/%C3%A9.esdk"},
      {{"ore", "eu-west-1", "", true}, "https://s3.eu-west-1.amazonaws.com/ore/a%3D1/%C3%A9.esdk"},
      {{"ore", "cn-north-1", "", false}, "https://ore.s3.cn-north-1.amazonaws.com.cn/a%3D1/%C3%A9.esdk"},
      {{"ore.data", "eu-west-1", "", false}, "https://s3.eu-west-1.amazonaws.com/ore.data/a%3D1/%C3%A9.esdk"},
      {{"ore", "x", "http://127.0.0.1:8080", true}, "http://127.0.0.1:8080/ore/a%3D1/%C3%A9.esdk"},
      {{"ore", "x", "https://s3.mine.example:444/", false}, "https://ore.s3.mine.example:444/a%3D1/%C3%A9.esdk"},
  };
  for (const Row& row : rows) {
    ASSERT_THAT(row.location.check(), IsOk());
    EXPECT_EQ(row.location.object_url("a=1/é.esdk"), row.url);
  }
}

TEST(S3LocationTest, SpellsAListingWithSortedParameters) {
  const S3Location location{"ore", "x", "http://h", true};
  EXPECT_EQ(location.bucket_url({{"prefix", "a=/"}, {"list-type", "2"}}), "http://h/ore/?list-type=2&prefix=a%3D%2F");
}

}  // namespace
}  // namespace edgeseal::transport
