// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/s3_form.h"

#include "crypto/base/url_form.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kBucketBytesMax = 255;
constexpr std::size_t kRegionBytesMax = 64;

/// Whether the host of an endpoint of good form is an address.
bool is_address(std::string_view endpoint) {
  const std::string_view host = endpoint.substr(endpoint.find("://") + 3);
  return host.starts_with('[') || only(host.substr(0, host.find(':')), {kDigits, "."});
}

bool is_aws_bucket(std::string_view text) {
  return text.size() >= 3 && text.size() <= 63 && only(text, {kLower, kDigits, "-."}) &&
         only(text.substr(0, 1), {kLower, kDigits}) && only(text.substr(text.size() - 1), {kLower, kDigits}) &&
         text.find("..") == std::string_view::npos && !only(text, {kDigits, "."});
}

}  // namespace

std::optional<Problem> bucket_form(std::string_view text) {
  const bool good = !text.empty() && text.size() <= kBucketBytesMax && only(text, {kLower, kUpper, kDigits, "-._"}) &&
                    only(text.substr(0, 1), {kLower, kUpper, kDigits});
  if (good) return std::nullopt;
  return Problem{"the bare name of a bucket (letters, digits, dots, hyphens and underscores)",
                 text.starts_with("s3://") ? "leave out s3://" : ""};
}

std::optional<Problem> region_form(std::string_view text) {
  if (!text.empty() && text.size() <= kRegionBytesMax && only(text, {kLower, kUpper, kDigits, "-_"})) {
    return std::nullopt;
  }
  return Problem{"a region such as eu-west-1", text.empty() ? "an S3-compatible server usually takes us-east-1" : ""};
}

std::optional<Problem> endpoint_form(std::string_view text) {
  static constexpr std::array<SchemeSlip, 1> kSlips = {{{"s3", "https"}}};
  return server_url_form(text, {"https", "http"}, kSlips, "write credentials: beside it");
}

std::optional<Misfit> s3_address_misfit(std::string_view bucket, std::string_view endpoint, bool path_style) {
  if (!endpoint.empty() && path_style) return std::nullopt;
  if (!endpoint.empty() && is_address(endpoint)) {
    return Misfit{.setting = "endpoint",
                  .problem = {.expected = "a host with a name, for the bucket's name is put in front of it",
                              .fix = "write path_style: true"},
                  .found = in_quotes(endpoint)};
  }
  if (is_aws_bucket(bucket)) return std::nullopt;
  const std::string form = "3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends";
  const Problem problem = endpoint.empty() ? Problem{.expected = "a bucket's name as AWS has them: " + form}
                                           : Problem{.expected = "a name that can stand in a host name: " + form,
                                                     .fix = "or write path_style: true"};
  return Misfit{.setting = "bucket", .problem = problem, .found = in_quotes(bucket)};
}

}  // namespace edgeseal::transport
