// SPDX-License-Identifier: GPL-3.0-or-later
// RSAES-OAEP decryption (RFC 8017 section 7.1.2) under a private key: unwraps a data key. Its counterpart is
// crypto/primitives/rsa_oaep_wrap.h.
#pragma once
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/oaep_hash.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"
#include "crypto/primitives/drbg.h"

namespace edgeseal::crypto {

struct RsaPrivateKeyDer {
  SecretBytes der;  ///< PKCS#1 RSAPrivateKey
  unsigned bits;    ///< of the modulus
};

/// Takes PKCS#8 or PKCS#1 DER and nothing after it. Fails with Kind::invalid when it is anything else.
[[nodiscard]] Result<RsaPrivateKeyDer> rsa_private_key_of(ByteView der);

/// Decrypts `wrapped` with an empty label and the same hash for OAEP and MGF1. `pkcs1_der` comes from
/// rsa_private_key_of. Nothing when it does not decrypt, for whatever reason: telling reasons apart would be an oracle
/// (RFC 8017 section 7.1.2, note). Kind::fault when wolfCrypt cannot even try. `drbg` blinds the operation. Any thread.
[[nodiscard]] Result<std::optional<SecretBytes>> rsa_oaep_unwrap(const SecretBytes& pkcs1_der, ByteView wrapped,
                                                                 OaepHash hash, Drbg& drbg);

}  // namespace edgeseal::crypto
