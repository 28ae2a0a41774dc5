// SPDX-License-Identifier: GPL-3.0-or-later
// crypto/base/wiping_free.cpp, in a program of its own because it replaces free() for all of it.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "crypto/base/wipe.h"

namespace edgeseal {
namespace {

constexpr std::uint8_t kSecret = 0xa5;

class WipingFreeTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
#ifdef EDGESEAL_SANITIZED
    GTEST_SKIP() << "the sanitizer's own heap stands in its place";
#endif
  }
  static std::uint8_t* secret_block(std::size_t size) {
    auto* block = static_cast<std::uint8_t*>(std::malloc(size));
    std::fill_n(block, size, kSecret);
    return block;
  }
  /// Whether the next block of that size is the one that stood at `address`, and holds nothing of before.
  static void expect_wiped(std::uintptr_t address, std::size_t size) {
    const auto* again = static_cast<const std::uint8_t*>(std::malloc(size));
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(again), address) << "the heap gave another block: nothing was looked at";
    // The heap keeps words of its own in what is free; none of them looks like eight bytes of the secret.
    const std::string_view bytes(reinterpret_cast<const char*>(again), size);
    EXPECT_EQ(bytes.find(std::string(8, static_cast<char>(kSecret))), std::string_view::npos);
    EXPECT_GT(std::count(bytes.begin(), bytes.end(), static_cast<char>(kWipeByte)), static_cast<long>(size - 64));
    std::free(const_cast<std::uint8_t*>(again));
  }
};
INSTANTIATE_TEST_SUITE_P(Sizes, WipingFreeTest, ::testing::Values(64, 1000, 5000, 60'000));

TEST_P(WipingFreeTest, ABlockIsWipedWhenItIsGivenBack) {
  std::uint8_t* block = secret_block(GetParam());
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  std::free(block);
  expect_wiped(address, GetParam());
}

TEST_P(WipingFreeTest, ABlockThatGrowsKeepsItsBytesAndLeavesNoneBehind) {
  std::uint8_t* block = secret_block(GetParam());
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  auto* grown = static_cast<std::uint8_t*>(std::realloc(block, GetParam() * 3));
  ASSERT_NE(reinterpret_cast<std::uintptr_t>(grown), address);
  EXPECT_TRUE(std::all_of(grown, grown + GetParam(), [](std::uint8_t byte) { return byte == kSecret; }));
  expect_wiped(address, GetParam());
  std::free(grown);
}

TEST_P(WipingFreeTest, ABlockThatShrinksToLessThanHalfKeepsItsBytesAndLeavesNoneBehind) {
  std::uint8_t* block = secret_block(GetParam());
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  auto* shrunk = static_cast<std::uint8_t*>(std::realloc(block, GetParam() / 4));
  EXPECT_TRUE(std::all_of(shrunk, shrunk + GetParam() / 4, [](std::uint8_t byte) { return byte == kSecret; }));
  expect_wiped(address, GetParam());
  std::free(shrunk);
}

TEST_F(WipingFreeTest, NothingCanBeFreedAndErrnoStays) {
  errno = 42;
  std::free(nullptr);
  std::free(std::malloc(100));
  EXPECT_EQ(errno, 42);
  void* from_nothing = std::realloc(nullptr, 10);
  EXPECT_NE(from_nothing, nullptr);
  EXPECT_EQ(std::realloc(from_nothing, 0), nullptr);
}

}  // namespace
}  // namespace edgeseal
