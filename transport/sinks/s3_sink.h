// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>

#include "crypto/base/guarded.h"
#include "transport/aws/credentials.h"
#include "transport/aws/s3_location.h"
#include "transport/http/http_client.h"
#include "transport/sinks/object_name.h"
#include "transport/sinks/s3_sink_options.h"
#include "transport/sinks/sink.h"

namespace edgeseal::transport {

/// How long an upload of so many bytes may take: `timeout`, and the time that a link of 4 KiB/s needs for the bytes.
/// A fixed time would never let a large batch through a slow link.
[[nodiscard]] std::chrono::seconds upload_time_max(std::chrono::seconds timeout, std::size_t bytes);

/// Uploads each object with one PutObject. Works with AWS and with servers that speak its protocol.
/// Source: Amazon S3 API Reference, PutObject; "Checking object integrity" (x-amz-checksum-sha256).
///
/// The digest of the batch was made when it was sealed. It is sent twice: as x-amz-content-sha256, which the signature
/// covers, and as x-amz-checksum-sha256, which S3 stores. So bytes that changed on the disk or on the way are refused.
/// A success is believed only if it proves itself (s3_proof.h). Redirects are never followed, and never a success.
/// Credentials are read once, and again after each refusal. The bucket is never created.
///
/// Threads: any number may call deliver() at once. Each upload has its own connection, which is kept for the next one.
class S3Sink final : public Sink {
 public:
  /// Fails with Kind::invalid when the options cannot be used. Connects to nothing and reads no credentials yet.
  /// Once `stop` is requested, deliver() ends within about a second with Kind::transient.
  [[nodiscard]] static Result<std::unique_ptr<Sink>> create(const S3SinkOptions& options, std::stop_token stop = {});

  /// Fails as s3_error.h says. When the credentials are refused, they are read again. If they have changed, they are
  /// tried at once. If not, the first refusal is Kind::unauthorised, and the next in a row is Kind::sink_refused.
  [[nodiscard]] Result<void> deliver(const SealedObject& object) override;
  /// Whether the file of the credentials has changed since it was read.
  [[nodiscard]] bool renewed() const override;

 private:
  struct Access {
    std::shared_ptr<const AwsCredentials> credentials;  ///< shared with uploads under way; null: to be read
    std::string stamp;                                  ///< the provider's, before it was read last
    unsigned refusals = 0;                              ///< of credentials, in a row
  };
  S3Sink(const S3SinkOptions& options, ObjectName name, std::stop_token stop);
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials();
  [[nodiscard]] Result<void> put(const SealedObject& object, const AwsCredentials& credentials);
  /// What the bucket says of an object. Fails unless it has it.
  [[nodiscard]] Result<HttpResponse> head(const std::string& key, const AwsCredentials& credentials);
  [[nodiscard]] SigV4 signature(const AwsCredentials& credentials) const;
  /// `refused`: the answer to a request with these credentials, which is Kind::unauthorised.
  [[nodiscard]] Error judge(Error refused, const std::shared_ptr<const AwsCredentials>& used);

  const S3Location location_;
  const ObjectName name_;
  const std::chrono::seconds timeout_;
  const std::unique_ptr<CredentialsProvider> provider_;
  HttpClient http_;
  Guarded<Access> access_;
};

}  // namespace edgeseal::transport
