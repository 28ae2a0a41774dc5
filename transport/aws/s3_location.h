// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/base/result.h"

namespace edgeseal::transport {

/// Where a bucket is, and how requests spell its address.
struct S3Location {
  std::string bucket{};
  std::string region{};
  std::string endpoint{};  ///< http(s)://host[:port]; empty: AWS's own for the region
  /// Whether the bucket stands in the path. A bucket with dots on AWS always does: the wildcard of AWS's certificate
  /// stands for one label only.
  bool path_style = false;

  /// Fails with Kind::invalid when it cannot be used, and names what is missing or malformed.
  [[nodiscard]] Result<void> check() const;
  /// Address of an object, percent-encoded.
  [[nodiscard]] std::string object_url(std::string_view key) const;
  /// Address of the bucket with these parameters, percent-encoded and sorted.
  [[nodiscard]] std::string bucket_url(const std::vector<std::pair<std::string, std::string>>& parameters) const;
  /// "s3://bucket/key", for people.
  [[nodiscard]] std::string describe(std::string_view key) const;

 private:
  [[nodiscard]] std::string base() const;
};

/// AWS's own endpoint of a service in a region: https://s3.eu-west-1.amazonaws.com; regions in China end in .com.cn.
[[nodiscard]] std::string aws_endpoint(std::string_view service, std::string_view region);

}  // namespace edgeseal::transport
