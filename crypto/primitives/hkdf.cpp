// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/hkdf.h"

#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/hmac.h>

namespace edgeseal::crypto {

Result<SecretBytes> hkdf_sha512(const SecretBytes& key, ByteView salt, ByteView info, std::size_t size) {
  SecretBytes derived(size);
  const ByteView ikm = key.reveal();
  const int code =
      wc_HKDF(WC_SHA512, ikm.data(), static_cast<word32>(ikm.size()), salt.data(), static_cast<word32>(salt.size()),
              info.data(), static_cast<word32>(info.size()), derived.reveal().data(), static_cast<word32>(size));
  if (code != 0) return wolfcrypt_fault("HKDF-SHA-512", code);
  return derived;
}

}  // namespace edgeseal::crypto
