// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/decompressor.h"

#include <new>

#include <zstd.h>

#include "agent/owner/content_refusal.h"

namespace edgeseal::agent {

Decompressor::Decompressor() : context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kWindowLogMax);
}

Decompressor::~Decompressor() { ZSTD_freeDCtx(context_); }

Result<void> Decompressor::feed(ByteView piece, const Take& take) {
  out_.resize(ZSTD_DStreamOutSize());
  ZSTD_inBuffer in{piece.data(), piece.size(), 0};
  bool more = !piece.empty();
  while (more) {
    if (whole_) return refuse(ContentRefusal::compression, "bytes follow the zstd frame");
    ZSTD_outBuffer chunk{out_.data(), out_.size(), 0};
    const std::size_t left = ZSTD_decompressStream(context_, &chunk, &in);
    if (ZSTD_isError(left) != 0) {
      return refuse(ContentRefusal::compression, std::string("zstd: ") + ZSTD_getErrorName(left));
    }
    if (chunk.pos > 0) {
      if (auto taken = take(ByteView(out_).first(chunk.pos)); !taken) return taken;
    }
    whole_ = left == 0;
    // A full output buffer means that zstd may hold more, even when the input is used up.
    more = in.pos < in.size || (!whole_ && chunk.pos == chunk.size);
  }
  return {};
}

Result<void> Decompressor::finish() const {
  if (!whole_) return refuse(ContentRefusal::compression, "the zstd frame ends too early");
  return {};
}

}  // namespace edgeseal::agent
