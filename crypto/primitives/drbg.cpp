// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/drbg.h"

#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/random.h>

namespace edgeseal::crypto {

void Drbg::Free::operator()(WC_RNG* rng) const {
  wc_FreeRng(rng);
  delete rng;
}

Drbg::Drbg(std::unique_ptr<WC_RNG, Free> rng) : rng_(std::move(rng)) {}
Drbg::Drbg(Drbg&&) noexcept = default;
Drbg& Drbg::operator=(Drbg&&) noexcept = default;
Drbg::~Drbg() = default;

Result<Drbg> Drbg::create() {
  auto rng = std::make_unique<WC_RNG>();
  if (const int code = wc_InitRng(rng.get()); code != 0) return wolfcrypt_fault("seed the DRBG", code);
  return Drbg(std::unique_ptr<WC_RNG, Free>(rng.release()));
}

Result<void> Drbg::fill(MutableByteView out) {
  if (out.empty()) return {};  // wolfCrypt calls that a bad argument
  const int code = wc_RNG_GenerateBlock(rng_.get(), out.data(), static_cast<word32>(out.size()));
  if (code != 0) return wolfcrypt_fault("draw random bytes", code);
  return {};
}

}  // namespace edgeseal::crypto
