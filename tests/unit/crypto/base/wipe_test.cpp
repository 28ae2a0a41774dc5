// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/wipe.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <gmock/gmock.h>

namespace {

struct FreedWatch {
  const void* address = nullptr;
  std::size_t size = 0;
  std::optional<bool> wiped;
};
FreedWatch freed_watch;

void look(const void* memory) {
  if (memory == nullptr || memory != freed_watch.address) return;
  const auto* bytes = static_cast<const std::uint8_t*>(memory);
  freed_watch.wiped =
      std::all_of(bytes, bytes + freed_watch.size, [](std::uint8_t byte) { return byte == edgeseal::kWipeByte; });
  freed_watch.address = nullptr;
}

}  // namespace

// The program's own operators: they look at memory at the instant it is given back.
void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  look(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace edgeseal {
namespace {

using ::testing::Each;

/// Watches the whole capacity, not only what is in use.
void start_watching(const PlainBytes& bytes) { freed_watch = {bytes.data(), bytes.capacity(), std::nullopt}; }

PlainBytes plaintext(std::size_t size) { return PlainBytes(size, 0xa5); }

#ifdef EDGESEAL_WIPE_BYTE
static_assert(kWipeByte == 0x77, "debug builds wipe with a pattern one recognises");
#else
static_assert(kWipeByte == 0, "release builds wipe with zeros");
#endif

TEST(WipeTest, OverwritesExactlySoManyBytes) {
  Bytes bytes(10, 0xa5);
  wipe(bytes.data() + 1, 8);
  EXPECT_EQ(bytes.front(), 0xa5);
  EXPECT_EQ(bytes.back(), 0xa5);
  EXPECT_THAT(ByteView(bytes).subspan(1, 8), Each(kWipeByte));
  wipe(nullptr, 0);
}

TEST(PlainBytesTest, AreWipedWhenTheyEnd) {
  {
    const PlainBytes bytes = plaintext(100);
    start_watching(bytes);
  }
  EXPECT_EQ(freed_watch.wiped, true);
}

TEST(PlainBytesTest, TheOldBufferIsWipedWhenTheyGrow) {
  PlainBytes bytes = plaintext(100);
  start_watching(bytes);
  append(bytes, as_bytes("more than there is room for"));
  EXPECT_EQ(freed_watch.wiped, true);
  EXPECT_EQ(bytes[99], 0xa5);
}

TEST(PlainBytesTest, TheOldBufferIsWipedWhenTheyShrinkToFit) {
  PlainBytes bytes = plaintext(100);
  start_watching(bytes);
  bytes.resize(10);
  bytes.shrink_to_fit();
  EXPECT_EQ(freed_watch.wiped, true);
}

// clear() keeps the buffer and what is in it; the whole capacity is wiped at the end.
TEST(PlainBytesTest, WhatWasClearedIsWipedWithTheRest) {
  {
    PlainBytes bytes = plaintext(100);
    bytes.clear();
    start_watching(bytes);
  }
  EXPECT_EQ(freed_watch.wiped, true);
}

TEST(PlainBytesTest, AreWipedWhenOthersAreMovedOrCopiedOverThem) {
  PlainBytes bytes = plaintext(100);
  start_watching(bytes);
  bytes = plaintext(10);
  EXPECT_EQ(freed_watch.wiped, true);

  const PlainBytes longer = plaintext(1000);
  start_watching(bytes);
  bytes = longer;
  EXPECT_EQ(freed_watch.wiped, true);
}

TEST(PlainBytesTest, MovingHandsOverTheBuffer) {
  PlainBytes bytes = plaintext(100);
  const std::uint8_t* buffer = bytes.data();
  const PlainBytes moved = std::move(bytes);
  EXPECT_EQ(moved.data(), buffer);
}

}  // namespace
}  // namespace edgeseal
