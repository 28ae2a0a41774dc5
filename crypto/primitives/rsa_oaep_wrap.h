// SPDX-License-Identifier: GPL-3.0-or-later
// RSAES-OAEP encryption (RFC 8017 section 7.1) under a public key: wraps a data key. Its counterpart is
// crypto/open/rsa_oaep_unwrap.h.
#pragma once
#include "crypto/base/bytes.h"
#include "crypto/base/oaep_hash.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"
#include "crypto/primitives/drbg.h"

namespace edgeseal::crypto {

/// Size of the modulus in bits of a DER SubjectPublicKeyInfo (RFC 5280 section 4.1) that holds an RSA key and nothing
/// more. Fails with Kind::invalid when it is anything else.
[[nodiscard]] Result<unsigned> rsa_modulus_bits(ByteView spki_der);

/// Encrypts `secret` under the key, empty label, the same hash for OAEP and MGF1. Kind::fault when wolfCrypt fails or
/// `secret` is empty or too long for the key.
[[nodiscard]] Result<Bytes> rsa_oaep_wrap(ByteView spki_der, const SecretBytes& secret, OaepHash hash, Drbg& drbg);

}  // namespace edgeseal::crypto
