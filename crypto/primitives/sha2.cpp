// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/sha2.h"

#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/hash.h>

namespace edgeseal::crypto {

Result<Digest> sha256(ByteView data) {
  Digest digest;
  const int code = wc_Sha256Hash(data.data(), static_cast<word32>(data.size()), digest.bytes.data());
  if (code != 0) return wolfcrypt_fault("SHA-256", code);
  return digest;
}

Result<std::array<std::uint8_t, 48>> sha384(ByteView data) {
  std::array<std::uint8_t, 48> digest{};
  const int code = wc_Sha384Hash(data.data(), static_cast<word32>(data.size()), digest.data());
  if (code != 0) return wolfcrypt_fault("SHA-384", code);
  return digest;
}

}  // namespace edgeseal::crypto
