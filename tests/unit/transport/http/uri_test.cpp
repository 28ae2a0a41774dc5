// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/http/uri.h"

#include <gtest/gtest.h>

namespace edgeseal::transport {
namespace {

// Spec: RFC 3986 section 2.3, the unreserved characters; AWS, UriEncode.
TEST(UriTest, EncodesAllButTheUnreserved) {
  EXPECT_EQ(uri_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(uri_encode("route=a b/+*é"), "route%3Da%20b%2F%2B%2A%C3%A9");
  EXPECT_EQ(uri_encode(std::string_view("\0\xff", 2)), "%00%FF");
}

TEST(UriTest, KeepsTheSlashesOfAPath) {
  EXPECT_EQ(uri_encode_path("gateway=g 1/route=r/x.esdk"), "gateway%3Dg%201/route%3Dr/x.esdk");
  EXPECT_EQ(uri_encode_path("a//b/../c"), "a//b/../c");
}

// Spec: AWS, canonical query string: sorted by code point of the encoded name, a value even when empty.
TEST(UriTest, SortsAQueryAsItIsSigned) {
  EXPECT_EQ(uri_query({{"prefix", "a=b/"}, {"list-type", "2"}, {"Zone", ""}, {"list-type", "1"}}),
            "Zone=&list-type=1&list-type=2&prefix=a%3Db%2F");
  EXPECT_EQ(uri_query({}), "");
}

TEST(UriTest, DecodesWhatAnyServerEncodes) {
  EXPECT_EQ(uri_decode("a%3Db+c%20d%2B"), "a=b c d+");
  EXPECT_EQ(uri_decode("%e2%82%AC"), "€");
}

TEST(UriTest, RefusesABrokenEscape) {
  EXPECT_EQ(uri_decode("100%"), std::nullopt);
  EXPECT_EQ(uri_decode("%4"), std::nullopt);
  EXPECT_EQ(uri_decode("%zz"), std::nullopt);
}

TEST(UriTest, ShowsOnlyTheOriginOfAUrl) {
  EXPECT_EQ(uri_origin("https://user:secret@host:8443/bucket/key?X-Amz-Signature=secret"), "https://host:8443");
  EXPECT_EQ(uri_origin("http://[::1]:80"), "http://[::1]:80");
  EXPECT_EQ(uri_origin("https://host?token=secret"), "https://host");
  EXPECT_EQ(uri_origin("host/path"), "host");
}

}  // namespace
}  // namespace edgeseal::transport
