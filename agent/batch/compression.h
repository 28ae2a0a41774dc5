// SPDX-License-Identifier: GPL-3.0-or-later
// zstd (RFC 8878) of a batch's content.
#pragma once
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// One zstd frame with its content size; `level` 1 to 19: more is smaller and slower. zstd's work area is given back at
/// the end, to a free() that wipes. Kind::fault when memory is short.
[[nodiscard]] Result<PlainBytes> compress(ByteView content, int level);

/// "1.5.4", for --version.
[[nodiscard]] std::string zstd_version();

}  // namespace edgeseal::agent
