// SPDX-License-Identifier: GPL-3.0-or-later
// Randomness that tests can foresee.
#pragma once
#include <algorithm>
#include <random>

#include "crypto/base/random.h"

namespace edgeseal::test {

/// Gives the scripted bytes in order and fails once they are used up, so that a vector also proves how many were drawn.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(Bytes script) : script_(std::move(script)) {}
  Result<void> fill(MutableByteView out) override {
    if (out.size() > script_.size() - at_) return fail(Kind::fault, "the script of random bytes is used up");
    std::copy_n(script_.begin() + static_cast<std::ptrdiff_t>(at_), out.size(), out.begin());
    at_ += out.size();
    return {};
  }
  [[nodiscard]] std::size_t left() const { return script_.size() - at_; }

 private:
  Bytes script_;
  std::size_t at_ = 0;
};

/// Endless bytes from a seed. Never for keys outside tests.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  Result<void> fill(MutableByteView out) override {
    std::generate(out.begin(), out.end(), [this] { return static_cast<std::uint8_t>(engine_()); });
    return {};
  }

 private:
  std::mt19937_64 engine_;
};

/// Fails each time.
class FailingRandom final : public Random {
 public:
  Result<void> fill(MutableByteView) override { return fail(Kind::fault, "no entropy"); }
};

}  // namespace edgeseal::test
