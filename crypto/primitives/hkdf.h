// SPDX-License-Identifier: GPL-3.0-or-later
// HKDF with SHA-512 (RFC 5869): extract and expand.
#pragma once
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"

namespace edgeseal::crypto {

/// Derives `size` bytes, at most 255 * 64, from `key`. Fails with Kind::fault only when wolfCrypt does. Any thread.
[[nodiscard]] Result<SecretBytes> hkdf_sha512(const SecretBytes& key, ByteView salt, ByteView info, std::size_t size);

}  // namespace edgeseal::crypto
