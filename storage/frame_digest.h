// SPDX-License-Identifier: GPL-3.0-or-later
// The digest that proves a journal's frame: its bytes, and the journal that it belongs to.
#pragma once
#include "crypto/base/bytes.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"

namespace edgeseal::storage {

/// SHA-256 of the SHA-256 of the frame's bytes (`of_bytes`), followed by the header that its journal's frames share. So
/// a frame is proved for its own journal alone: in another, whose key does not open it, it would spoil the whole
/// object. Fails as `sha256` does.
[[nodiscard]] Result<Digest> frame_digest(const Digest& of_bytes, ByteView shared_header, HashFunction sha256);

/// Whether `stored` proves a frame for the journal of that header: it is the frame_digest, or `of_bytes` alone, which
/// spools of format 1 hold.
[[nodiscard]] Result<bool> proves(const Digest& stored, const Digest& of_bytes, ByteView shared_header,
                                  HashFunction sha256);

}  // namespace edgeseal::storage
