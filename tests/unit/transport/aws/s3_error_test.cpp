// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/s3_error.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HttpResponse answer(int status, const std::string& code, std::vector<HttpHeader> headers = {}) {
  const std::string body =
      code.empty() ? "" : "<Error><Code>" + code + "</Code><Message>as the server says</Message></Error>";
  return {.status = status, .headers = std::move(headers), .body = to_plain(as_bytes(body))};
}

Error error_of(const HttpResponse& response) {
  return s3_error(response, {.bucket = "ore", .region = "x"}, "a/b.esdk");
}

TEST(S3ErrorTest, SortsAnswersByWhatTheCallerDoesNext) {
  struct Row {
    int status;
    const char* code;
    Kind kind;
  };
  const Row rows[] = {
      {500, "InternalError", Kind::transient},
      {502, "", Kind::transient},
      {503, "SlowDown", Kind::overloaded},
      {503, "", Kind::overloaded},
      {429, "TooManyRequests", Kind::overloaded},
      {400, "RequestTimeout", Kind::transient},
      {400, "IncompleteBody", Kind::transient},
      {409, "OperationAborted", Kind::transient},
      {403, "RequestTimeTooSkewed", Kind::transient},
      {403, "AccessDenied", Kind::unauthorised},
      {403, "InvalidAccessKeyId", Kind::unauthorised},
      {403, "SignatureDoesNotMatch", Kind::unauthorised},
      {403, "", Kind::unauthorised},
      {401, "", Kind::unauthorised},
      {400, "ExpiredToken", Kind::unauthorised},
      {400, "InvalidToken", Kind::unauthorised},
      {404, "NoSuchBucket", Kind::sink_refused},
      {404, "NoSuchKey", Kind::invalid},
      {301, "PermanentRedirect", Kind::sink_refused},
      {307, "", Kind::sink_refused},
      {400, "AuthorizationHeaderMalformed", Kind::sink_refused},
      {400, "KeyTooLongError", Kind::sink_refused},
      {400, "SomethingNew", Kind::sink_refused},
      {413, "", Kind::batch_refused},
      {400, "EntityTooLarge", Kind::batch_refused},
      {400, "XAmzContentSHA256Mismatch", Kind::batch_refused},
      {400, "BadDigest", Kind::batch_refused},
  };
  for (const Row& row : rows) {
    const Error error = error_of(answer(row.status, row.code));
    EXPECT_EQ(kind_name(error.kind), kind_name(row.kind)) << row.status << " " << row.code;
  }
}

TEST(S3ErrorTest, SaysWhatWhereAndFix) {
  EXPECT_EQ(error_of(answer(404, "NoSuchBucket")).message(),
            "s3://ore/a/b.esdk: HTTP 404 NoSuchBucket: as the server says; create the bucket, or correct its name; "
            "edgeseal creates none");
}

TEST(S3ErrorTest, NamesTheRegionThatTheServerNamed) {
  EXPECT_THAT(error_of(answer(301, "PermanentRedirect", {{"x-amz-bucket-region", "eu-central-1"}})).fix,
              HasSubstr("eu-central-1"));
}

TEST(S3ErrorTest, NamesTheClock) {
  const Error error = error_of(answer(403, "RequestTimeTooSkewed", {{"date", "Tue, 24 Nov 2026 09:15:03 GMT"}}));
  EXPECT_THAT(error.fix, HasSubstr("clock"));
  EXPECT_THAT(error.fix, HasSubstr("09:15:03"));
}

// Spec: RFC 9110 section 10.2.3. A date instead of seconds leaves the wait to the caller.
TEST(S3ErrorTest, HandsOnTheTimeToWait) {
  EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", "7"}})).retry_after_ms, 7000);
  EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", "99999999"}})).retry_after_ms, 24 * 3600 * 1000);
  for (const char* text : {"-1", "soon", "7 ", "", "Tue, 24 Nov 2026 09:15:03 GMT"}) {
    EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", text}})).retry_after_ms, std::nullopt) << text;
  }
}

TEST(S3ErrorTest, BoundsWhatTheServerSays) {
  const Error error = error_of(answer(400, "X\nfake log line" + std::string(1000, 'y')));
  EXPECT_LT(error.what.size(), 400U);
  EXPECT_THAT(error.what, Not(HasSubstr("\n")));
}

TEST(S3ErrorTest, NeedsNoBodyThatItUnderstands) {
  HttpResponse response = answer(500, "");
  response.body = to_plain(as_bytes("<html>Bad gateway"));
  EXPECT_EQ(error_of(response).what, "HTTP 500");
}

}  // namespace
}  // namespace edgeseal::transport
