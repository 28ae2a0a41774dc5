// SPDX-License-Identifier: GPL-3.0-or-later
// RSA private keys of data owners who hold theirs in a file. edgeseal itself never sees one.
#pragma once
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"

namespace edgeseal::crypto {

/// A valid RSA private key of 2048, 3072 or 4096 bits. Any thread may read it.
class PrivateKey {
 public:
  /// Takes PEM (RFC 7468) or DER of PKCS#8 PrivateKeyInfo (RFC 5958) or PKCS#1 RSAPrivateKey (RFC 8017 appendix
  /// A.1.2). Fails with Kind::invalid, saying what was found instead: a key that is encrypted, of another kind, public.
  [[nodiscard]] static Result<PrivateKey> parse(ByteView file);

  /// PKCS#1 RSAPrivateKey.
  [[nodiscard]] const SecretBytes& der() const { return der_; }
  [[nodiscard]] unsigned bits() const { return bits_; }

 private:
  PrivateKey(SecretBytes der, unsigned bits) : der_(std::move(der)), bits_(bits) {}
  [[nodiscard]] static Result<PrivateKey> from_der(ByteView der);
  SecretBytes der_;
  unsigned bits_;
};

}  // namespace edgeseal::crypto
