// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <stop_token>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"
#include "transport/aws/credentials.h"
#include "transport/http/http_client.h"
#include "transport/owner/retry.h"

namespace edgeseal::transport {

/// How an RSA ciphertext was made (RFC 8017 section 7.1): the hash of OAEP and of its MGF1.
enum class KmsAlgorithm { rsaes_oaep_sha_256, rsaes_oaep_sha_1 };

struct KmsOptions {
  std::string region{};    ///< empty: the one in each key's ARN
  std::string endpoint{};  ///< http(s)://host[:port]; empty: AWS's own for the region
  std::string ca_file{};   ///< PEM file for https; empty: the system's store
  RetryOptions retry{};
};

/// Has AWS KMS decrypt with an RSA key that never leaves it.
/// Source: AWS KMS API Reference, Decrypt; JSON protocol 1.1 (TrentService).
///
/// Credentials are asked for with each request. Throttling and failures of the network or of KMS are tried again, until
/// patience with a region ends; then it is asked once a call until it answers.
/// Threads: decrypt() from any number at once.
/// Secrets: the plaintext leaves in SecretBytes. The buffers it passed through are wiped, except libcurl's
///          and OpenSSL's own receive buffers, which are reused and freed unwiped.
class KmsClient {
 public:
  /// Fails with Kind::invalid when endpoint or region cannot be used. Connects to nothing yet.
  [[nodiscard]] static Result<std::unique_ptr<KmsClient>> create(KmsOptions options,
                                                                 std::unique_ptr<CredentialsProvider> credentials,
                                                                 std::stop_token stop = {});

  /// `key_arn`: arn:aws:kms:REGION:ACCOUNT:key/ID. Fails with Kind::invalid when it is none, or when the ciphertext is
  /// not this key's under this algorithm (then another may be tried); else as kms_error says, but that credentials
  /// which are unknown in a region that only the ARN names are Kind::sink_refused.
  [[nodiscard]] Result<SecretBytes> decrypt(const std::string& key_arn, ByteView ciphertext, KmsAlgorithm algorithm);

 private:
  KmsClient(KmsOptions options, std::unique_ptr<CredentialsProvider> credentials, std::stop_token stop);
  [[nodiscard]] Result<SecretBytes> ask(const std::string& key_arn, const std::string& region,
                                        std::string_view algorithm, const std::string& body);

  const KmsOptions options_;
  const std::unique_ptr<CredentialsProvider> credentials_;
  HttpClient http_;
  GivenUp given_up_;  ///< regions
};

}  // namespace edgeseal::transport
