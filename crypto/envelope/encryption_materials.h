// SPDX-License-Identifier: GPL-3.0-or-later
// What a message is sealed with: a data key, its wrapped copies (EDKs) and the context it is bound to.
// Source: AWS Encryption SDK specification, framework/structures.md; AWS KMS RSA keyring; Raw RSA keyring.
#pragma once
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"
#include "crypto/envelope/encryption_context.h"
#include "crypto/keys/key_set.h"
#include "crypto/primitives/drbg.h"

namespace edgeseal::crypto {

/// An encrypted data key, as a message's header holds it.
struct Edk {
  std::string provider_id;
  std::string provider_info;
  Bytes ciphertext;
  bool operator==(const Edk&) const = default;
};

/// Threads: any may read. Secrets: the data key lives in SecretBytes for as long as this does.
class EncryptionMaterials {
 public:
  /// Draws a fresh data key and wraps it under every key of `keys`, which has at least one: an RSA operation each.
  /// Kind::fault when wolfCrypt or the DRBG fails; Kind::invalid when an EDK field would be over 65,535 bytes.
  [[nodiscard]] static Result<EncryptionMaterials> create(const KeySet& keys, EncryptionContext context, Drbg& drbg);
  /// From parts that exist: for vectors whose every byte is given.
  [[nodiscard]] static EncryptionMaterials of(SecretBytes data_key, std::vector<Edk> edks, EncryptionContext context);

  [[nodiscard]] const SecretBytes& data_key() const { return data_key_; }
  [[nodiscard]] const std::vector<Edk>& edks() const { return edks_; }
  [[nodiscard]] const EncryptionContext& context() const { return context_; }

 private:
  EncryptionMaterials(SecretBytes data_key, std::vector<Edk> edks, EncryptionContext context);
  SecretBytes data_key_;
  std::vector<Edk> edks_;
  EncryptionContext context_;
};

}  // namespace edgeseal::crypto
