// SPDX-License-Identifier: GPL-3.0-or-later
// Data keys from RSA private keys in hand.
#pragma once
#include <vector>

#include "crypto/open/data_key_source.h"
#include "crypto/open/private_key.h"

namespace edgeseal::crypto {

/// Tries each EDK of either form (raw RSA, aws-kms-rsa) under each key of its size: OAEP with SHA-256, then SHA-1, for
/// a message does not say which. Any thread.
class PrivateKeys final : public DataKeySource {
 public:
  /// RSA operations that one message may cost, so that one with 65,535 EDKs of others takes seconds, not an hour.
  static constexpr std::size_t kAttemptsMax = 1024;

  explicit PrivateKeys(std::vector<PrivateKey> keys) : keys_(std::move(keys)) {}
  [[nodiscard]] Result<SecretBytes> data_key(const std::vector<Edk>& edks,
                                             const EncryptionContext::Pairs& context) override;

 private:
  std::vector<PrivateKey> keys_;
};

}  // namespace edgeseal::crypto
