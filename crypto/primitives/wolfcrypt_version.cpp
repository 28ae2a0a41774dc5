// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/wolfcrypt_version.h"

#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/version.h>

namespace edgeseal::crypto {

std::string wolfcrypt_description() {
  std::string text = LIBWOLFSSL_VERSION_STRING;
#if defined(WOLFSSL_AESNI)
  text += __builtin_cpu_supports("aes") ? ", AES-NI" : ", portable C (this processor has no AES-NI)";
#elif defined(WOLFSSL_ARMASM)
  text += ", ARMv8 crypto extensions";
#else
  text += ", portable C";
#endif
  return text;
}

}  // namespace edgeseal::crypto
