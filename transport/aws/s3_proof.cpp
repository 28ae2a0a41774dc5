// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/s3_proof.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "transport/aws/md5.h"
#include "transport/aws/s3_error.h"

namespace edgeseal::transport {
namespace {

constexpr std::string_view kChecksum = "x-amz-checksum-sha256";

/// The ETag without its quotation marks, in lower case; empty when there is none.
std::string etag_of(const HttpResponse& response) {
  std::string_view text = response.header("etag");
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  std::string etag(text);
  std::ranges::transform(etag, etag.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return etag;
}

/// An ETag is an MD5 by its looks, but not of these bytes when S3 has encrypted them so.
bool etag_is_no_md5(const HttpResponse& response) {
  const bool by_kms = response.header("x-amz-server-side-encryption").starts_with("aws:kms");
  return by_kms || !response.header("x-amz-server-side-encryption-customer-algorithm").empty();
}

bool looks_like_md5(std::string_view etag) {
  return etag.size() == 32 && etag.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

tl::unexpected<Error> other_bytes(const Uploaded& sent, const std::string& what) {
  return fail(Kind::transient, "the server stored other bytes than were sent: " + what, sent.where);
}

std::optional<std::uint64_t> length_of(const HttpResponse& response) {
  const std::string_view text = response.header("content-length");
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

Result<void> prove_by_head(const HttpResponse& put, const Uploaded& sent, const HttpResponse& head) {
  if (!is_from_s3(head)) return tl::unexpected(not_from_s3(head, sent.where));
  if (length_of(head) != sent.bytes.size()) {
    return other_bytes(sent, "its HEAD says " + quoted_remote_text(std::string(head.header("content-length"))) +
                                 " bytes instead of " + std::to_string(sent.bytes.size()));
  }
  const std::string_view checksum = head.header(kChecksum);
  if (!checksum.empty()) {
    if (checksum == to_base64(sent.digest.view())) return {};
    return other_bytes(sent, "its HEAD says SHA-256 " + quoted_remote_text(std::string(checksum)));
  }
  const std::string etag = etag_of(put);
  if (!etag.empty() && etag_of(head) == etag) return {};
  return fail(Kind::sink_refused, "the server proves nothing of what it has stored: no ETag, no checksum", sent.where,
              "use a server that answers a PUT with an ETag, as S3 does");
}

}  // namespace

bool is_from_s3(const HttpResponse& response) {
  return !response.header("x-amz-request-id").empty() || !response.header("x-amz-id-2").empty();
}

Error not_from_s3(const HttpResponse& response, std::string where) {
  const std::string_view type = response.header("content-type");
  return {.kind = Kind::transient,
          .what = "HTTP " + std::to_string(response.status) + " without S3's request id" +
                  (type.empty() ? "" : " (" + quoted_remote_text(std::string(type)) + ")") + ": not S3 answered",
          .where = std::move(where),
          .fix = "look for a captive portal or a proxy in between, and check the endpoint"};
}

Result<void> prove_upload(const HttpResponse& put, const Uploaded& sent,
                          const std::function<Result<HttpResponse>()>& head) {
  if (!is_from_s3(put)) return tl::unexpected(not_from_s3(put, sent.where));
  const std::string_view checksum = put.header(kChecksum);
  if (!checksum.empty()) {
    if (checksum == to_base64(sent.digest.view())) return {};
    return other_bytes(sent, "SHA-256 " + quoted_remote_text(std::string(checksum)));
  }
  const std::string etag = etag_of(put);
  const auto md5 = looks_like_md5(etag) && !etag_is_no_md5(put) ? md5_hex(sent.bytes) : std::nullopt;
  if (md5) {
    if (*md5 == etag) return {};
    return other_bytes(sent, "ETag " + etag + " instead of the MD5 " + *md5);
  }
  auto found = head();
  if (!found) return failed(found, "ask for what was uploaded");
  return prove_by_head(put, sent, *found);
}

}  // namespace edgeseal::transport
