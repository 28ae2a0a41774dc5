// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/s3_reader.h"

#include <gtest/gtest.h>

namespace edgeseal::transport {
namespace {

TEST(S3AddressTest, TakesAnAddressApart) {
  struct Row {
    const char* text;
    const char* bucket;
    const char* prefix;
  };
  for (const Row& row : {Row{"s3://ore", "ore", ""}, Row{"s3://ore/", "ore", ""},
                         Row{"s3://ore/gateway=a b/x//y", "ore", "gateway=a b/x//y"}}) {
    const auto address = parse_s3_address(row.text);
    ASSERT_TRUE(address) << row.text;
    EXPECT_EQ(address->bucket, row.bucket);
    EXPECT_EQ(address->prefix, row.prefix);
  }
}

TEST(S3AddressTest, IsNothingElse) {
  for (const char* text : {"", "s3://", "s3:///x", "s3:/ore", "/ore", "https://ore/x"}) {
    EXPECT_FALSE(parse_s3_address(text)) << text;
  }
}

}  // namespace
}  // namespace edgeseal::transport
