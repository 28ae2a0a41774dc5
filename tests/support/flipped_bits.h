// SPDX-License-Identifier: GPL-3.0-or-later
// Values that differ in one bit, so that a comparison of a part alone shows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <gmock/gmock.h>

#include "crypto/base/bytes.h"

namespace edgeseal::test {

/// The bytes with one bit the other way round; `bit` counts from the first byte's lowest.
inline Bytes with_flipped_bit(ByteView bytes, std::size_t bit) {
  Bytes flipped(bytes.begin(), bytes.end());
  flipped.at(bit / 8) ^= static_cast<std::uint8_t>(1U << bit % 8);
  return flipped;
}

/// Expects `taken` of the bytes as they are, and of none in which any one bit is flipped.
inline void expect_every_bit_counts(ByteView bytes, const std::function<bool(const Bytes&)>& taken) {
  EXPECT_TRUE(taken(Bytes(bytes.begin(), bytes.end()))) << "as it is";
  std::vector<std::size_t> passed_over;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    if (taken(with_flipped_bit(bytes, bit))) passed_over.push_back(bit);
  }
  EXPECT_THAT(passed_over, ::testing::IsEmpty()) << "bits that nobody compares";
}

}  // namespace edgeseal::test
