// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/batch/compression.h"

#include <memory>

#include <zstd.h>

namespace edgeseal::agent {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

Result<PlainBytes> compress(ByteView content, int level) {
  // A context for each call, for its work area holds plaintext: free() wipes it (crypto/base/wiping_free.cpp). Keeping
  // one would save 0 to 2 %. No checksum: the envelope authenticates every byte, and it costs 4 % at level 1.
  const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  if (!context) return fail(Kind::fault, "compress: zstd: no memory");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  PlainBytes out(ZSTD_compressBound(content.size()));
  const std::size_t size = ZSTD_compress2(context.get(), out.data(), out.size(), content.data(), content.size());
  if (ZSTD_isError(size) != 0) return fail(Kind::fault, std::string("compress: zstd: ") + ZSTD_getErrorName(size));
  out.resize(size);
  return out;
}

std::string zstd_version() { return ZSTD_versionString(); }

}  // namespace edgeseal::agent
