// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 and SHA-384 (FIPS 180-4), over one piece of memory.
#pragma once
#include <array>

#include "crypto/base/bytes.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"

namespace edgeseal::crypto {

/// Both fail with Kind::fault only when wolfCrypt does. Any thread.
[[nodiscard]] Result<Digest> sha256(ByteView data);
[[nodiscard]] Result<std::array<std::uint8_t, 48>> sha384(ByteView data);

}  // namespace edgeseal::crypto
