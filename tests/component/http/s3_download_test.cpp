// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads over connections that break, from a server that breaks them on purpose.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

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

/// Lists what a server gives that answers with these pages, one after another and the last one ever again.
Result<void> list_pages(const std::vector<std::string>& pages, std::vector<std::string>& keys) {
  nlohmann::json answers;
  for (const std::string& page : pages) {
    answers.push_back({200, nlohmann::json{{"x-amz-request-id", "1"}},
                       "<ListBucketResult><IsTruncated>true</IsTruncated>" + page + "</ListBucketResult>"});
  }
  const test::HttpPeer peer({}, answers.dump());
  const auto reader = S3Reader::create({.bucket = "b", .region = "x", .endpoint = peer.url(), .path_style = true},
                                       std::make_unique<AnyCredentials>(), {}, {.attempts_max = 1});
  return (*reader)->list("", [&](const ListedObject& object) -> Result<void> {
    keys.push_back(object.key);
    return {};
  });
}
std::string page_of(const std::string& key, const std::string& token) {
  return (key.empty() ? "" : "<Contents><Key>" + key + "</Key></Contents>") + "<NextContinuationToken>" + token +
         "</NextContinuationToken>";
}

TEST(S3ListingCircle, EndsWhereATokenComesBack) {
  std::vector<std::string> keys;
  EXPECT_THAT(list_pages({page_of("a", "1"), page_of("b", "2"), page_of("c", "3"), page_of("d", "1")}, keys),
              Fails(Kind::sink_refused, HasSubstr("in a circle")));
  EXPECT_THAT(keys, ElementsAre("a", "b", "c"));
}

// Tokens are new each time, as they are where they hold a time; the keys are not.
TEST(S3ListingCircle, EndsWhereThePagesComeBack) {
  std::vector<std::string> keys;
  EXPECT_THAT(list_pages({page_of("a", "1"), page_of("b", "2"), page_of("a", "3")}, keys),
              Fails(Kind::sink_refused, HasSubstr("in a circle")));
  EXPECT_THAT(keys, ElementsAre("a", "b"));
}

TEST(S3ListingCircle, EndsAfterManyEmptyPages) {
  std::vector<std::string> pages;
  for (int i = 0; i < 150; ++i) pages.push_back(page_of("", std::to_string(i)));
  std::vector<std::string> keys;
  EXPECT_THAT(list_pages(pages, keys), Fails(Kind::sink_refused, HasSubstr("one empty page after the other")));
}

// Patience with a server that is away is spent once, and begins anew once it answers.
TEST_F(S3DownloadTest, WaitNoMoreForAServerThatTheyHaveWaitedFor) {
  const nlohmann::json away = {503, nlohmann::json::object(), ""};
  nlohmann::json answers(4, away);
  answers.push_back({200, nlohmann::json{{"x-amz-request-id", "1"}}, "whole"});
  answers.push_back(away);
  const test::HttpPeer scripted({}, answers.dump());
  RetryOptions retry{
      .attempts_max = 3, .draw = [] { return 1.0; }, .pause = [this](milliseconds time) { pauses.push_back(time); }};
  const auto reader = S3Reader::create({.bucket = "b", .region = "x", .endpoint = scripted.url(), .path_style = true},
                                       std::make_unique<AnyCredentials>(), {}, retry);
  const auto pauses_of_one_more = [&] {
    pauses.clear();
    (void)(*reader)->get("key", [this](ByteView piece) -> Result<void> {
      got += as_text(piece);
      return {};
    });
    return pauses.size();
  };
  EXPECT_EQ(pauses_of_one_more(), 2U);  // three attempts
  EXPECT_EQ(pauses_of_one_more(), 0U);  // one
  EXPECT_EQ(pauses_of_one_more(), 0U);  // one, which succeeds
  EXPECT_EQ(got, "whole");
  EXPECT_EQ(pauses_of_one_more(), 2U);
}

// One object that these credentials may not read says nothing about the others.
TEST_F(S3DownloadTest, TellWhatMayNotBeReadFromCredentialsThatAreNoGood) {
  for (const auto& [code, kind] :
       {std::pair{"AccessDenied", Kind::sink_refused}, std::pair{"ExpiredToken", Kind::unauthorised}}) {
    const nlohmann::json answers = {
        {403, nlohmann::json::object(), "<Error><Code>" + std::string(code) + "</Code></Error>"}};
    const test::HttpPeer scripted({}, answers.dump());
    const auto reader = S3Reader::create({.bucket = "b", .region = "x", .endpoint = scripted.url(), .path_style = true},
                                         std::make_unique<AnyCredentials>(), {}, {.attempts_max = 1});
    EXPECT_THAT((*reader)->get("key", [](ByteView) -> Result<void> { return {}; }), Fails(kind, HasSubstr(code)));
  }
}

TEST_F(S3DownloadTest, EndAfterSomeAttempts) {
  EXPECT_THAT(get("drop"), Fails(Kind::transient, HasSubstr(peer.url())));
  EXPECT_THAT(pauses, ElementsAre(milliseconds{500}, milliseconds{1000}));
}

}  // namespace
}  // namespace edgeseal::transport
