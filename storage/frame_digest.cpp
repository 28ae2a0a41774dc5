// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/frame_digest.h"

namespace edgeseal::storage {

Result<Digest> frame_digest(const Digest& of_bytes, ByteView shared_header, HashFunction sha256) {
  Bytes bound(of_bytes.view().begin(), of_bytes.view().end());
  bound.insert(bound.end(), shared_header.begin(), shared_header.end());
  return sha256(bound);
}

Result<bool> proves(const Digest& stored, const Digest& of_bytes, ByteView shared_header, HashFunction sha256) {
  if (stored == of_bytes) return true;
  auto bound = frame_digest(of_bytes, shared_header, sha256);
  if (!bound) return failed(bound);
  return *bound == stored;
}

}  // namespace edgeseal::storage
