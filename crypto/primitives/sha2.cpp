// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/sha2.h"

#include <algorithm>
#include <mutex>

#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/sha256.h>
#include <wolfssl/wolfcrypt/sha512.h>

namespace edgeseal::crypto {
namespace {

/// wolfCrypt counts in 32 bits.
constexpr std::size_t kPieceBytesMax = std::size_t{1} << 30;

/// wolfCrypt 5.5.4 chooses its SHA-2 code for this processor at the first use, and not in a way that several threads
/// may do at once: so one of ours does it alone, first.
void choose_implementation() {
  static std::once_flag once;
  std::call_once(once, [] {
    wc_Sha256 small;
    if (wc_InitSha256(&small) == 0) wc_Sha256Free(&small);
    wc_Sha384 large;
    if (wc_InitSha384(&large) == 0) wc_Sha384Free(&large);
  });
}

/// Init, update piece by piece, final: the same for each size of the family.
template <typename State, std::size_t Size>
Result<std::array<std::uint8_t, Size>> hash(const char* name, ByteView data, int (*init)(State*),
                                            int (*update)(State*, const byte*, word32), int (*final)(State*, byte*),
                                            void (*release)(State*)) {
  choose_implementation();
  State state;
  std::array<std::uint8_t, Size> digest{};
  int code = init(&state);
  if (code != 0) return wolfcrypt_fault(name, code);
  while (code == 0 && !data.empty()) {
    const ByteView piece = data.first(std::min(data.size(), kPieceBytesMax));
    code = update(&state, piece.data(), static_cast<word32>(piece.size()));
    data = data.subspan(piece.size());
  }
  if (code == 0) code = final(&state, digest.data());
  release(&state);
  if (code != 0) return wolfcrypt_fault(name, code);
  return digest;
}

}  // namespace

Result<Digest> sha256(ByteView data) {
  auto digest = hash<wc_Sha256, 32>("SHA-256", data, wc_InitSha256, wc_Sha256Update, wc_Sha256Final, wc_Sha256Free);
  if (!digest) return failed(digest);
  return Digest{*digest};
}

Result<std::array<std::uint8_t, 48>> sha384(ByteView data) {
  return hash<wc_Sha384, 48>("SHA-384", data, wc_InitSha384, wc_Sha384Update, wc_Sha384Final, wc_Sha384Free);
}

}  // namespace edgeseal::crypto
