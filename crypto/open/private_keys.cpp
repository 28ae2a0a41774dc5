// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/private_keys.h"

#include "crypto/envelope/esdk_layout.h"
#include "crypto/open/refusal.h"
#include "crypto/open/rsa_oaep_unwrap.h"

namespace edgeseal::crypto {

Result<SecretBytes> PrivateKeys::data_key(const std::vector<Edk>& edks, const EncryptionContext::Pairs& context) {
  auto drbg = Drbg::create();
  if (!drbg) return failed(drbg);
  std::size_t attempts = 0;
  for (const Edk& edk : edks) {
    for (const PrivateKey& key : keys_) {
      if (edk.ciphertext.size() * 8 != key.bits()) continue;
      for (const OaepHash hash : {OaepHash::sha256, OaepHash::sha1}) {
        if (++attempts > kAttemptsMax) {
          return refuse(Refusal::too_large, "more than " + std::to_string(kAttemptsMax) + " attempts at its " +
                                                std::to_string(edks.size()) +
                                                " encrypted data keys, and none opens under the given private keys");
        }
        auto plaintext = rsa_oaep_unwrap(key.der(), edk.ciphertext, hash, *drbg);
        if (!plaintext) return failed(plaintext);
        if (!*plaintext) continue;
        auto found = data_key_in(**plaintext, edk.provider_id, context);
        if (!found) return failed(found);
        if (*found) return std::move(**found);
      }
    }
  }
  return refuse(Refusal::no_key,
                "none of its " + std::to_string(edks.size()) +
                    " encrypted data keys opens under the given keys: " + describe_edks(edks),
                "give the private key that belongs to one of them, or access to its KMS key");
}

}  // namespace edgeseal::crypto
