// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/s3_error.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "transport/aws/s3_proof.h"
#include "transport/aws/xml.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kRemoteTextBytesMax = 300;

struct Meaning {
  std::string_view code;
  Kind kind;
  std::string_view fix;
};

constexpr std::string_view kCredentialsFix = "check the credentials, and that they may use this bucket";
constexpr std::string_view kRegionFix = "set `region` to the bucket's";
constexpr std::string_view kPortalFix =
    "the answer has no marks of S3: look for a captive portal or a proxy in between, and check the endpoint";
constexpr std::string_view kDamagedFix =
    "the batch was damaged on its way; if it goes on, look at the memory and the network card of this machine";

constexpr Meaning kMeanings[] = {
    {"AccessDenied", Kind::unauthorised, kCredentialsFix},
    {"AuthorizationHeaderMalformed", Kind::sink_refused, kRegionFix},
    {"BadDigest", Kind::batch_doubtful, kDamagedFix},
    {"EntityTooLarge", Kind::batch_refused, "lower batch.max_bytes"},
    {"ExpiredToken", Kind::unauthorised, "renew the temporary credentials"},
    {"InternalError", Kind::transient, ""},
    {"IncompleteBody", Kind::transient, ""},
    {"InvalidAccessKeyId", Kind::unauthorised, kCredentialsFix},
    {"InvalidToken", Kind::unauthorised, "renew the temporary credentials"},
    {"KeyTooLongError", Kind::sink_refused, "shorten the sink's `key`"},
    {"NoSuchBucket", Kind::sink_refused, "create the bucket, or correct its name; edgeseal creates none"},
    {"NoSuchKey", Kind::invalid, ""},
    {"AllAccessDisabled", Kind::sink_refused, "the account or the bucket is closed; ask its owner"},
    {"AccountProblem", Kind::sink_refused, "the account is not in order; ask its owner"},
    {"InvalidBucketState", Kind::sink_refused, "the bucket is not in a state to be written"},
    {"InvalidDigest", Kind::batch_doubtful, kDamagedFix},
    {"KMS.DisabledException", Kind::sink_refused, "enable the key that the bucket encrypts with"},
    {"KMS.InvalidStateException", Kind::sink_refused, "the key that the bucket encrypts with cannot be used"},
    {"KMS.NotFoundException", Kind::sink_refused, "the key that the bucket encrypts with is gone"},
    {"KMS.ThrottlingException", Kind::overloaded, ""},
    {"OperationAborted", Kind::transient, ""},
    {"PermanentRedirect", Kind::sink_refused, kRegionFix},
    {"PreconditionFailed", Kind::invalid, "the object was replaced while it was read; read it again"},
    {"RequestTimeTooSkewed", Kind::transient, "set the clock of this machine: it differs too much from the server's"},
    {"RequestTimeout", Kind::transient, ""},
    {"SignatureDoesNotMatch", Kind::unauthorised, "check the secret access key, and that `region` is the server's"},
    {"ServiceUnavailable", Kind::overloaded, ""},
    {"SlowDown", Kind::overloaded, ""},
    {"TemporaryRedirect", Kind::transient, ""},
    {"Throttling", Kind::overloaded, ""},
    {"ThrottlingException", Kind::overloaded, ""},
    {"TooManyRequests", Kind::overloaded, ""},
    {"TokenRefreshRequired", Kind::unauthorised, "renew the temporary credentials"},
    {"XAmzContentSHA256Mismatch", Kind::batch_doubtful, kDamagedFix},
};

/// By the code if it is known, else by the status. `from_s3`: by S3's own marks; anyone can answer with a status.
Meaning meaning_of(int status, std::string_view code, bool from_s3) {
  const auto* known = std::find_if(std::begin(kMeanings), std::end(kMeanings), [&](auto& m) { return m.code == code; });
  if (known != std::end(kMeanings)) return *known;
  if (status == 429 || status == 503) return {code, Kind::overloaded, ""};
  if (status >= 500 || status == 408 || status == 409) return {code, Kind::transient, ""};
  if (status == 413) return {code, from_s3 ? Kind::batch_refused : Kind::batch_doubtful, "lower batch.max_bytes"};
  if (!from_s3) return {code, Kind::transient, kPortalFix};
  if (status == 401 || status == 403) return {code, Kind::unauthorised, kCredentialsFix};
  if (status >= 300 && status < 400)
    return {code, Kind::sink_refused, "redirects are not followed; correct the endpoint or the region"};
  return {code, Kind::sink_refused, "check bucket, region, endpoint and path_style"};
}

}  // namespace

std::string quoted_remote_text(std::string text) {
  if (text.size() > kRemoteTextBytesMax) text = text.substr(0, kRemoteTextBytesMax) + "…";
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

std::optional<int> retry_after_ms(const HttpResponse& response) {
  constexpr std::int64_t kSecondsMax = std::int64_t{24} * 3600;
  const std::string_view text = response.header("retry-after");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    // A date: reckoned from the server's own clock, for ours may be wrong.
    const auto until = http_date_seconds(text);
    const auto now = http_date_seconds(response.header("date"));
    if (!until || !now) return std::nullopt;
    seconds = std::max<std::int64_t>(0, *until - *now);
  }
  if (seconds < 0) return std::nullopt;
  return static_cast<int>(std::min(seconds, kSecondsMax) * 1000);
}

std::string s3_error_code(const HttpResponse& response) {
  std::string code;
  (void)read_xml(response.body, [&](std::string_view path, std::string_view text) {
    if (path == "Error/Code" && code.empty()) code = quoted_remote_text(std::string(text));
  });
  return code;
}

Error s3_error(const HttpResponse& response, const S3Location& location, const std::string& key) {
  std::string code;
  std::string message;
  const auto root = read_xml(response.body, [&](std::string_view path, std::string_view text) {
    if (path == "Error/Code" && code.empty()) code = quoted_remote_text(std::string(text));
    if (path == "Error/Message" && message.empty()) message = quoted_remote_text(std::string(text));
  });
  const bool from_s3 = is_from_s3(response) || (root && *root == "Error" && !code.empty());
  const Meaning meaning = meaning_of(response.status, code, from_s3);
  Error error{.kind = meaning.kind,
              .what = "HTTP " + std::to_string(response.status) + (code.empty() ? "" : " " + code) +
                      (message.empty() ? "" : ": " + message),
              .where = location.describe(key),
              .fix = std::string(meaning.fix),
              .retry_after_ms = {}};
  if (error.kind == Kind::overloaded) error.retry_after_ms = retry_after_ms(response);
  if (error.kind == Kind::sink_refused && !response.header("x-amz-bucket-region").empty()) {
    error.fix = "set `region` to " + quoted_remote_text(std::string(response.header("x-amz-bucket-region")));
  }
  if (code == "RequestTimeTooSkewed" && !response.header("date").empty()) {
    error.fix += " (" + quoted_remote_text(std::string(response.header("date"))) + ")";
  }
  return error;
}

}  // namespace edgeseal::transport
