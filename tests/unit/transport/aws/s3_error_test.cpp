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
      // Without S3's marks it is somebody else's answer, such as a portal's, a proxy's or a web server's.
      {200, "", Kind::transient},
      {302, "", Kind::transient},
      {307, "", Kind::transient},
      {400, "", Kind::transient},
      {401, "", Kind::transient},
      {403, "", Kind::transient},
      {404, "", Kind::transient},
      {407, "", Kind::transient},
      {511, "", Kind::transient},
      {413, "", Kind::batch_doubtful},
      {400, "ExpiredToken", Kind::unauthorised},
      {400, "InvalidToken", Kind::unauthorised},
      {404, "NoSuchBucket", Kind::sink_refused},
      {404, "NoSuchKey", Kind::invalid},
      {301, "PermanentRedirect", Kind::sink_refused},
      {307, "TemporaryRedirect", Kind::transient},
      {503, "ServiceUnavailable", Kind::overloaded},
      {400, "KMS.ThrottlingException", Kind::overloaded},
      {400, "KMS.DisabledException", Kind::sink_refused},
      {403, "AllAccessDisabled", Kind::sink_refused},
      {403, "SomethingNew", Kind::unauthorised},
      {301, "SomethingNew", Kind::sink_refused},
      {400, "AuthorizationHeaderMalformed", Kind::sink_refused},
      {400, "KeyTooLongError", Kind::sink_refused},
      {400, "SomethingNew", Kind::sink_refused},
      {400, "EntityTooLarge", Kind::batch_refused},
      {413, "SomethingNew", Kind::batch_refused},
      {400, "XAmzContentSHA256Mismatch", Kind::batch_doubtful},
      {400, "BadDigest", Kind::batch_doubtful},
      {400, "InvalidDigest", Kind::batch_doubtful},
  };
  for (const Row& row : rows) {
    const Error error = error_of(answer(row.status, row.code));
    EXPECT_EQ(kind_name(error.kind), kind_name(row.kind)) << row.status << " " << row.code;
  }
}

TEST(S3ErrorTest, KnowsS3ByItsRequestId) {
  const std::vector<HttpHeader> id{{"x-amz-request-id", "1"}};
  EXPECT_EQ(error_of(answer(403, "", id)).kind, Kind::unauthorised);
  EXPECT_EQ(error_of(answer(413, "", id)).kind, Kind::batch_refused);
  EXPECT_EQ(error_of(answer(307, "", id)).kind, Kind::sink_refused);
  EXPECT_EQ(error_of(answer(404, "", {{"x-amz-id-2", "1"}})).kind, Kind::sink_refused);
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

// Spec: RFC 9110 section 10.2.3. A date is reckoned from the server's own, for the clock here may be wrong.
TEST(S3ErrorTest, HandsOnTheTimeToWait) {
  EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", "7"}})).retry_after_ms, 7000);
  EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", "99999999"}})).retry_after_ms, 24 * 3600 * 1000);
  const std::string date = "Tue, 24 Nov 2026 09:15:03 GMT";
  EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", "Tue, 24 Nov 2026 09:16:00 GMT"}, {"date", date}}))
                .retry_after_ms,
            57'000);
  EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", "Tuesday, 24-Nov-26 09:15:13 GMT"}, {"date", date}}))
                .retry_after_ms,
            10'000);
  EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", "Tue, 24 Nov 1970 09:16:00 GMT"}, {"date", date}}))
                .retry_after_ms,
            0);
  EXPECT_EQ(error_of(answer(503, "SlowDown", {{"retry-after", "Tue, 24 Nov 2076 09:16:00 GMT"}, {"date", date}}))
                .retry_after_ms,
            24 * 3600 * 1000);
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
