// SPDX-License-Identifier: GPL-3.0-or-later
// MD5, which S3 uses to tell what it has stored (ETag). It protects nothing here: it is compared with what a server
// says, next to digests that do protect.
#pragma once
#include <optional>
#include <string>

#include "crypto/base/bytes.h"

namespace edgeseal::transport {

/// 32 lower-case hexadecimal digits. Nothing where the system's OpenSSL offers no MD5, as in FIPS mode.
/// Source: RFC 1321. Any thread.
[[nodiscard]] std::optional<std::string> md5_hex(ByteView bytes);

}  // namespace edgeseal::transport
