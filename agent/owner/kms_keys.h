// SPDX-License-Identifier: GPL-3.0-or-later
// Data keys from AWS KMS, which holds the private key and decrypts on demand.
// Source: AWS KMS RSA keyring specification, OnDecrypt.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "crypto/open/data_key_source.h"
#include "transport/owner/kms_client.h"

namespace edgeseal::agent {

/// KmsClient::decrypt, or a test's own. Any thread.
using KmsDecrypt =
    std::function<Result<SecretBytes>(const std::string& key_arn, ByteView ciphertext, transport::KmsAlgorithm)>;

/// Asks for each aws-kms-rsa EDK under the key that it names, and, when a key is given, for that key alone: its
/// aws-kms-rsa EDKs and all raw RSA ones, whose names say nothing about KMS. OAEP with SHA-256 first, then SHA-1.
/// A key that KMS refuses is passed over while other EDKs are left; when none opens, the first such error is the
/// result. Any thread.
class KmsKeys final : public crypto::DataKeySource {
 public:
  /// Calls that one message may cost.
  static constexpr std::size_t kCallsMax = 64;

  KmsKeys(KmsDecrypt decrypt, std::optional<std::string> key_arn)
      : decrypt_(std::move(decrypt)), key_arn_(std::move(key_arn)) {}
  [[nodiscard]] Result<SecretBytes> data_key(const std::vector<crypto::Edk>& edks,
                                             const crypto::EncryptionContext::Pairs& context) override;

 private:
  [[nodiscard]] std::optional<std::string> key_for(const crypto::Edk& edk) const;
  KmsDecrypt decrypt_;
  std::optional<std::string> key_arn_;
};

/// Several sources, each asked when those before it have no key. Borrows them. Any thread.
class DataKeySources final : public crypto::DataKeySource {
 public:
  explicit DataKeySources(std::vector<crypto::DataKeySource*> sources) : sources_(std::move(sources)) {}
  [[nodiscard]] Result<SecretBytes> data_key(const std::vector<crypto::Edk>& edks,
                                             const crypto::EncryptionContext::Pairs& context) override;

 private:
  std::vector<crypto::DataKeySource*> sources_;  ///< at least one
};

}  // namespace edgeseal::agent
