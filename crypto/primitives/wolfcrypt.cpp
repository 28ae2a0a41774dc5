// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/error-crypt.h>

namespace edgeseal::crypto {

tl::unexpected<Error> wolfcrypt_fault(std::string_view step, int code) {
  return fail(Kind::fault,
              std::string(step) + ": wolfCrypt: " + wc_GetErrorString(code) + " (" + std::to_string(code) + ")");
}

}  // namespace edgeseal::crypto
