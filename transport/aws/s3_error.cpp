// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/s3_error.h"

#include <algorithm>
#include <charconv>
#include <string_view>

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
constexpr std::string_view kDamagedFix = "the batch was damaged here or on its way; look with `edgeseal spool verify`";

constexpr Meaning kMeanings[] = {
    {"AccessDenied", Kind::unauthorised, kCredentialsFix},
    {"AuthorizationHeaderMalformed", Kind::sink_refused, kRegionFix},
    {"BadDigest", Kind::batch_refused, kDamagedFix},
    {"EntityTooLarge", Kind::batch_refused, "lower batch.max_bytes"},
    {"ExpiredToken", Kind::unauthorised, "renew the temporary credentials"},
    {"IncompleteBody", Kind::transient, ""},
    {"InvalidAccessKeyId", Kind::unauthorised, kCredentialsFix},
    {"InvalidToken", Kind::unauthorised, "renew the temporary credentials"},
    {"KeyTooLongError", Kind::sink_refused, "shorten the sink's `key`"},
    {"NoSuchBucket", Kind::sink_refused, "create the bucket, or correct its name; edgeseal creates none"},
    {"NoSuchKey", Kind::invalid, ""},
    {"OperationAborted", Kind::transient, ""},
    {"PermanentRedirect", Kind::sink_refused, kRegionFix},
    {"PreconditionFailed", Kind::invalid, "the object was replaced while it was read; read it again"},
    {"RequestTimeTooSkewed", Kind::transient, "set the clock of this machine: it differs too much from the server's"},
    {"RequestTimeout", Kind::transient, ""},
    {"SignatureDoesNotMatch", Kind::unauthorised, "check the secret access key, and that `region` is the server's"},
    {"SlowDown", Kind::overloaded, ""},
    {"TokenRefreshRequired", Kind::unauthorised, "renew the temporary credentials"},
    {"XAmzContentSHA256Mismatch", Kind::batch_refused, kDamagedFix},
};

Meaning meaning_of(int status, std::string_view code) {
  const auto* known = std::find_if(std::begin(kMeanings), std::end(kMeanings), [&](auto& m) { return m.code == code; });
  if (known != std::end(kMeanings)) return *known;
  if (status == 429 || status == 503) return {code, Kind::overloaded, ""};
  if (status >= 500 || status == 408 || status == 409) return {code, Kind::transient, ""};
  if (status == 401 || status == 403) return {code, Kind::unauthorised, kCredentialsFix};
  if (status == 413) return {code, Kind::batch_refused, "lower batch.max_bytes"};
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
  constexpr int kSecondsMax = 24 * 3600;
  const std::string_view text = response.header("retry-after");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::min(seconds, kSecondsMax) * 1000;
}

Error s3_error(const HttpResponse& response, const S3Location& location, const std::string& key) {
  std::string code;
  std::string message;
  if (const auto leaves = parse_xml(response.body)) {
    for (const XmlLeaf& leaf : *leaves) {
      if (leaf.path == "Error/Code") code = quoted_remote_text(leaf.text);
      if (leaf.path == "Error/Message") message = quoted_remote_text(leaf.text);
    }
  }
  const Meaning meaning = meaning_of(response.status, code);
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
