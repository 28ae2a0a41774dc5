// SPDX-License-Identifier: GPL-3.0-or-later
// RSA public keys for sealing, in the three forms in which people have them.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/keys/pin.h"

namespace edgeseal::crypto {

/// The longest file that is taken for one.
inline constexpr std::size_t kPublicKeyFileBytesMax = std::size_t{64} * 1024;

/// A valid RSA public key of 2048, 3072 or 4096 bits. A value; any thread may read it.
class PublicKey {
 public:
  /// Takes DER SubjectPublicKeyInfo (RFC 5280 section 4.1), the same as PEM (RFC 7468 section 13), or the JSON that
  /// `aws kms get-public-key` prints. Fails with Kind::invalid, saying what was found instead: other kinds of key, a
  /// key under 2048 bits, a KMS key that is for signing, a private key, a second block in PEM.
  [[nodiscard]] static Result<PublicKey> parse(ByteView file);

  [[nodiscard]] const Bytes& der() const { return der_; }
  [[nodiscard]] unsigned bits() const { return bits_; }
  [[nodiscard]] const Pin& pin() const { return pin_; }
  /// "DER", "PEM" or "KMS JSON".
  [[nodiscard]] const std::string& form() const { return form_; }
  /// KeyId of the JSON form: the key's ARN.
  [[nodiscard]] const std::optional<std::string>& kms_key() const { return kms_key_; }

 private:
  PublicKey() = default;
  [[nodiscard]] static Result<PublicKey> from_der(ByteView der, std::string form);
  [[nodiscard]] static Result<PublicKey> from_json(ByteView text);
  Bytes der_;
  unsigned bits_ = 0;
  Pin pin_;
  std::string form_;
  std::optional<std::string> kms_key_;
};

}  // namespace edgeseal::crypto
