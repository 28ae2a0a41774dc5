// SPDX-License-Identifier: GPL-3.0-or-later
// Where random bytes come from, so that tests can script them.
#pragma once
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal {

class Random {
 public:
  virtual ~Random() = default;
  /// Fills all of `out`. Fails with Kind::fault; then `out` must not be used. Threads: one at a time.
  [[nodiscard]] virtual Result<void> fill(MutableByteView out) = 0;
};

}  // namespace edgeseal
