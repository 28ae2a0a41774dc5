// SPDX-License-Identifier: GPL-3.0-or-later
// What every file at wolfCrypt's door needs: its build options, and its errors as ours.
// Included only by .cpp files of crypto/primitives and crypto/open.
#pragma once
#include <string_view>

#include "crypto/base/result.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/settings.h>

namespace edgeseal::crypto {

/// A failing primitive is a fault that stops sealing; there is no fallback. `step` names what was tried.
[[nodiscard]] tl::unexpected<Error> wolfcrypt_fault(std::string_view step, int code);

}  // namespace edgeseal::crypto
