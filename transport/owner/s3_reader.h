// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "transport/aws/credentials.h"
#include "transport/aws/s3_location.h"
#include "transport/http/http_client.h"
#include "transport/owner/retry.h"
#include "transport/owner/s3_listing.h"

namespace edgeseal::transport {

/// "s3://bucket/prefix", taken apart; the prefix may be empty.
struct S3Address {
  std::string bucket;
  std::string prefix;
};
/// Nothing when `text` does not begin with s3:// or names no bucket.
[[nodiscard]] std::optional<S3Address> parse_s3_address(std::string_view text);

/// Lists and fetches objects of one bucket.
/// Source: Amazon S3 API Reference, ListObjectsV2 and GetObject.
///
/// Credentials are asked for with each request. What fails for a time is tried again by itself, see RetryOptions and
/// GivenUp. What these credentials may not read (AccessDenied) is Kind::sink_refused.
/// Threads: any number at once. Memory: a page of the listing (at most 1000 objects), 16 KiB of an object.
class S3Reader {
 public:
  /// Fails with Kind::invalid when the location cannot be used. Connects to nothing yet.
  [[nodiscard]] static Result<std::unique_ptr<S3Reader>> create(S3Location location,
                                                                std::unique_ptr<CredentialsProvider> credentials,
                                                                std::string ca_file = {}, RetryOptions retry = {},
                                                                std::stop_token stop = {});

  /// Calls `each` for every object whose key begins with `prefix`, in the order of keys; an error of `each` ends it and
  /// is the result. Fails as s3_error.h says.
  /// `page_keys`: how many objects are asked for at a time; AWS gives at most 1000.
  [[nodiscard]] Result<void> list(const std::string& prefix,
                                  const std::function<Result<void>(const ListedObject&)>& each,
                                  unsigned page_keys = 1000);

  /// Calls `each` with the object's bytes, piece by piece and each byte once; a connection that breaks is made again
  /// where it broke, if the object is still the same. An error of `each` ends it and is the result. Fails as s3_error.h
  /// says; Kind::invalid: there is no such object.
  [[nodiscard]] Result<void> get(const std::string& key, const std::function<Result<void>(ByteView)>& each);

 private:
  S3Reader(S3Location location, std::unique_ptr<CredentialsProvider> credentials, std::string ca_file,
           RetryOptions retry, std::stop_token stop);
  /// One request, signed; an answer other than 2xx is an error about `key`.
  [[nodiscard]] Result<HttpResponse> ask(HttpRequest request, const std::string& key);

  const S3Location location_;
  const std::unique_ptr<CredentialsProvider> credentials_;
  const RetryOptions retry_;
  HttpClient http_;
  GivenUp given_up_;  ///< the bucket, for get
};

}  // namespace edgeseal::transport
