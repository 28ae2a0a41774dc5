// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads over connections that break, from a server that breaks them on purpose.
#include <gmock/gmock.h>

#include "tests/component/http/http_peer.h"
#include "tests/support/matchers.h"
#include "transport/owner/s3_reader.h"

namespace edgeseal::transport {
namespace {

using std::chrono::milliseconds;
using test::Fails;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AnyCredentials final : public CredentialsProvider {
 public:
  Result<AwsCredentials> get() override {
    return AwsCredentials{
        .access_key_id = "AKID", .secret_access_key = SecretBytes::copy_of(as_bytes("secret")), .session_token = {}};
  }
};

class S3DownloadTest : public ::testing::Test {
 protected:
  /// The peer takes the first part of the path, the bucket, for what it is to do.
  Result<void> get(const std::string& bucket) {
    RetryOptions retry{
        .attempts_max = 3, .draw = [] { return 1.0; }, .pause = [this](milliseconds time) { pauses.push_back(time); }};
    const auto reader = S3Reader::create({.bucket = bucket, .region = "x", .endpoint = peer.url(), .path_style = true},
                                         std::make_unique<AnyCredentials>(), {}, retry);
    return (*reader)->get("key", [this](ByteView piece) -> Result<void> {
      got += as_text(piece);
      return {};
    });
  }
  test::HttpPeer peer;
  std::string got;
  std::vector<milliseconds> pauses;
};

TEST_F(S3DownloadTest, GoOnWhereTheConnectionBroke) {
  ASSERT_THAT(get("flaky"), IsOk());
  std::string whole;
  for (int i = 0; i < 1000; ++i) whole += static_cast<char>(i % 251);
  EXPECT_EQ(got, whole);
  EXPECT_THAT(pauses, ElementsAre(milliseconds{500}));
}

TEST_F(S3DownloadTest, NeverMixTwoObjects) {
  EXPECT_THAT(get("replaced"), Fails(Kind::invalid, HasSubstr("replaced while it was read")));
  EXPECT_EQ(got.size(), 400U);
}

TEST_F(S3DownloadTest, NeverGiveBytesTwice) {
  EXPECT_THAT(get("forgetful"), Fails(Kind::sink_refused, HasSubstr("cannot resume")));
  EXPECT_EQ(got.size(), 400U);
}

// A page that says 200 is no object, and no bucket without objects either.
TEST_F(S3DownloadTest, NeverTakeAPageForAnObject) {
  EXPECT_THAT(get("page"), Fails(Kind::transient, HasSubstr("captive portal")));
  EXPECT_EQ(got, "");
}

TEST_F(S3DownloadTest, NeverTakeAPageForAnEmptyBucket) {
  const RetryOptions retry{.attempts_max = 1};
  const auto reader = S3Reader::create({.bucket = "page", .region = "x", .endpoint = peer.url(), .path_style = true},
                                       std::make_unique<AnyCredentials>(), {}, retry);
  EXPECT_THAT((*reader)->list("", [](const ListedObject&) -> Result<void> { return {}; }),
              Fails(Kind::transient, HasSubstr("captive portal")));
}

TEST_F(S3DownloadTest, EndAfterSomeAttempts) {
  EXPECT_THAT(get("drop"), Fails(Kind::transient, HasSubstr(peer.url())));
  EXPECT_THAT(pauses, ElementsAre(milliseconds{500}, milliseconds{1000}));
}

}  // namespace
}  // namespace edgeseal::transport
