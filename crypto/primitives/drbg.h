// SPDX-License-Identifier: GPL-3.0-or-later
// wolfCrypt's Hash-DRBG (NIST SP 800-90A), seeded by the kernel.
#pragma once
#include <memory>

#include "crypto/base/random.h"
#include "crypto/base/result.h"

struct WC_RNG;

namespace edgeseal::crypto {

/// Threads: one at a time. Each thread that seals has a Drbg of its own.
class Drbg final : public Random {
 public:
  /// Seeds it. Fails with Kind::fault when the kernel gives no entropy or the DRBG's self-test fails.
  [[nodiscard]] static Result<Drbg> create();
  Drbg(Drbg&&) noexcept;
  Drbg& operator=(Drbg&&) noexcept;
  ~Drbg() override;

  [[nodiscard]] Result<void> fill(MutableByteView out) override;

  /// For the wolfCrypt calls in this room that draw by themselves (RSA-OAEP's seed).
  [[nodiscard]] WC_RNG& native() { return *rng_; }

 private:
  struct Free {
    void operator()(WC_RNG* rng) const;
  };
  explicit Drbg(std::unique_ptr<WC_RNG, Free> rng);
  std::unique_ptr<WC_RNG, Free> rng_;
};

}  // namespace edgeseal::crypto
