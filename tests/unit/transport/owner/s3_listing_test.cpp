// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/s3_listing.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<ListedPage> listing(const std::string& inside) {
  return parse_listing(as_bytes("<ListBucketResult>" + inside + "</ListBucketResult>"));
}

std::vector<std::string> keys_of(const std::string& inside) {
  const auto page = listing(inside);
  EXPECT_THAT(page, IsOk());
  std::vector<std::string> keys;
  for (const ListedObject& object : page->objects) keys.push_back(object.key);
  return keys;
}

std::string object(const std::string& key) { return "<Contents><Key>" + key + "</Key><Size>7</Size></Contents>"; }

TEST(S3ListingTest, DecodesKeysOnlyWhenTheAnswerSaysThatTheyAreEncoded) {
  const std::string two = object("a%2Fb+c%25") + object("d");
  EXPECT_THAT(keys_of(two), ElementsAre("a%2Fb+c%25", "d"));
  EXPECT_THAT(keys_of("<EncodingType>url</EncodingType>" + two), ElementsAre("a/b c%", "d"));
  EXPECT_THAT(keys_of(two + "<EncodingType>url</EncodingType>"), ElementsAre("a/b c%", "d")) << "wherever it says so";
  EXPECT_THAT(listing("<EncodingType>url</EncodingType>" + object("100%")), Fails(Kind::transient));
}

TEST(S3ListingTest, GivesEachObjectItsSize) {
  const auto page = listing("<Contents><Key>a</Key></Contents>" + object("b") + "<Contents><Size>9</Size></Contents>");
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->objects.at(0).bytes, 0U);
  EXPECT_EQ(page->objects.size(), 2U);
}

TEST(S3ListingTest, GoesOnOnlyWithAToken) {
  const std::string truncated = "<IsTruncated>true</IsTruncated>";
  EXPECT_EQ(listing(truncated + "<NextContinuationToken>t</NextContinuationToken>")->next, "t");
  EXPECT_EQ(listing("<NextContinuationToken>t</NextContinuationToken>")->next, "");
  EXPECT_THAT(listing(truncated), Fails(Kind::transient, HasSubstr("does not say where")));
}

TEST(S3ListingTest, BoundsWhatItIsGiven) {
  EXPECT_THAT(listing(object(std::string(kListedKeyBytesMax, 'k'))), IsOk());
  EXPECT_THAT(listing(object(std::string(kListedKeyBytesMax + 1, 'k'))),
              Fails(Kind::transient, HasSubstr("1025 bytes")));
  const std::string token(kListedTokenBytesMax + 1, 't');
  EXPECT_THAT(listing("<NextContinuationToken>" + token + "</NextContinuationToken>"),
              Fails(Kind::transient, HasSubstr("token")));
}

TEST(S3ListingTest, IsNoOtherDocument) {
  for (const char* text : {"<html><body/></html>", "<Error><Code>AccessDenied</Code></Error>"}) {
    EXPECT_THAT(parse_listing(as_bytes(text)), Fails(Kind::transient, HasSubstr("not a ListBucketResult"))) << text;
  }
}

}  // namespace
}  // namespace edgeseal::transport
