// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/s3_location.h"

#include "transport/http/uri.h"

namespace edgeseal::transport {

std::string aws_endpoint(std::string_view service, std::string_view region) {
  return "https://" + std::string(service) + "." + std::string(region) +
         (region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
}

Result<void> S3Location::check() const {
  if (bucket.empty()) return fail(Kind::invalid, "the bucket has no name");
  if (bucket.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") !=
      std::string::npos) {
    return fail(Kind::invalid, "\"" + bucket + "\" cannot be a bucket's name", {}, "letters, digits, dots and hyphens");
  }
  if (region.empty()) {
    return fail(Kind::invalid, "the region of bucket " + bucket + " is not known", {},
                "give it; an S3-compatible server usually takes us-east-1");
  }
  if (region.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") !=
      std::string::npos) {
    return fail(Kind::invalid, "\"" + region + "\" cannot be a region");
  }
  if (endpoint.empty()) return {};
  const bool http = endpoint.starts_with("http://") || endpoint.starts_with("https://");
  const std::string origin = uri_origin(endpoint);
  if (!http || origin.ends_with("://") || (endpoint != origin && endpoint != origin + "/")) {
    return fail(Kind::invalid, "the endpoint of bucket " + bucket + " is not of the form https://host[:port]", origin);
  }
  return {};
}

std::string S3Location::base() const {
  const std::string origin = endpoint.empty() ? aws_endpoint("s3", region) : uri_origin(endpoint);
  const bool in_path = path_style || (endpoint.empty() && bucket.find('.') != std::string::npos);
  if (in_path) return origin + "/" + uri_encode(bucket);
  const std::size_t host = origin.find("://") + 3;
  return origin.substr(0, host) + bucket + "." + origin.substr(host);
}

std::string S3Location::object_url(std::string_view key) const { return base() + "/" + uri_encode_path(key); }

std::string S3Location::bucket_url(const std::vector<std::pair<std::string, std::string>>& parameters) const {
  return base() + "/?" + uri_query(parameters);
}

std::string S3Location::describe(std::string_view key) const { return "s3://" + bucket + "/" + std::string(key); }

}  // namespace edgeseal::transport
