// SPDX-License-Identifier: GPL-3.0-or-later
// Undoes agent/batch/compression.h as bytes arrive.
#pragma once
#include <functional>
#include <memory>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/wipe.h"

struct ZSTD_DCtx_s;

namespace edgeseal::agent {

/// Decompresses one zstd frame (RFC 8878), and nothing after it. Threads: one at a time.
/// Bounds: a window of 8 MiB, which is the most that levels 1 to 19 use, and a piece of 128 KiB. How much comes out in
/// all is for `take` to bound. Secrets: wiped with this object.
class Decompressor {
 public:
  static constexpr int kWindowLogMax = 23;
  using Take = std::function<Result<void>(ByteView)>;

  Decompressor();
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /// Fails with ContentRefusal::compression or with what `take` failed with; then it is not used again.
  [[nodiscard]] Result<void> feed(ByteView piece, const Take& take);
  /// There is no more. Fails when the frame is not whole.
  [[nodiscard]] Result<void> finish() const;

 private:
  ZSTD_DCtx_s* context_;
  PlainBytes out_;  ///< kept, since pieces may be as short as a byte
  bool whole_ = false;
};

}  // namespace edgeseal::agent
