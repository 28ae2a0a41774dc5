// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/s3_location.h"

#include <utility>

#include "transport/aws/s3_form.h"
#include "transport/http/uri.h"

namespace edgeseal::transport {

std::string aws_endpoint(std::string_view service, std::string_view region) {
  return "https://" + std::string(service) + "." + std::string(region) +
         (region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
}

Result<void> S3Location::check() const {
  if (auto problem = bucket_form(bucket)) return fail_form("bucket", std::move(*problem), bucket);
  if (auto problem = region_form(region)) return fail_form("region", std::move(*problem), region);
  const std::string_view server =
      std::string_view(endpoint).substr(0, endpoint.size() - (endpoint.ends_with('/') ? 1 : 0));
  if (!server.empty()) {
    if (auto problem = endpoint_form(server)) return fail_form("endpoint", std::move(*problem), uri_origin(endpoint));
  }
  if (auto misfit = s3_address_misfit(bucket, server, path_style)) return fail_misfit(std::move(*misfit));
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
