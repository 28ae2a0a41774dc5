// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/batch/compression.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <random>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/process.h"
#include "tests/support/random.h"

namespace edgeseal::agent {
namespace {

using test::IsOk;

std::string telemetry(std::size_t bytes) {
  std::mt19937 values(7);
  std::string text;
  while (text.size() < bytes) text += R"({"sensor":"plant/7","value":)" + std::to_string(values() % 1000) + "}\n";
  text.resize(bytes);
  return text;
}

std::string noise(std::size_t bytes) {
  test::SeededRandom random(7);
  Bytes out(bytes);
  (void)random.fill(out);
  return {out.begin(), out.end()};
}

class CompressionTest : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Levels, CompressionTest, ::testing::Values(1, 3, 9, 19));

// Somebody else's program takes it back.
TEST_P(CompressionTest, IsUndoneByTheZstdCommand) {
  const std::string contents[] = {"", "x", telemetry(1000), telemetry(300'000), noise(200'000)};
  for (const std::string& content : contents) {
    const auto compressed = compress(as_bytes(content), GetParam());
    ASSERT_THAT(compressed, IsOk());
    const auto undone = test::run({"zstd", "-d", "-c"}, std::string(as_text(*compressed)));
    EXPECT_EQ(undone.status, 0) << undone.err;
    EXPECT_TRUE(undone.out == content) << content.size();
  }
}

// RFC 8878 section 3.1.1: magic, then the descriptor: single segment or content size.
TEST_P(CompressionTest, IsOneFrameThatTellsItsSize) {
  const std::string content = telemetry(100'000);
  const auto compressed = compress(as_bytes(content), GetParam());
  ASSERT_THAT(compressed, IsOk());
  EXPECT_EQ(to_hex(ByteView(*compressed).first(4)), "28b52ffd");
  EXPECT_NE((*compressed)[4] & 0xe0, 0) << "content size";
}

TEST(CompressionSizeTest, MoreIsSmaller) {
  const std::string content = telemetry(300'000);
  const auto fast = compress(as_bytes(content), 1);
  const auto small = compress(as_bytes(content), 19);
  ASSERT_THAT(fast, IsOk());
  ASSERT_THAT(small, IsOk());
  EXPECT_LT(small->size(), fast->size());
  EXPECT_LT(fast->size(), content.size() / 3);
}

/// How often `text` stands in writable memory of this process, apart from `own`, where it is meant to stand, and the
/// stack, where vector registers spill a few bytes that the next calls overwrite.
std::size_t found_in_memory(std::string_view text, ByteView own) {
  std::ifstream maps("/proc/self/maps");
  const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  std::size_t found = 0;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char write = '-';
    if (std::sscanf(line.c_str(), "%zx-%zx r%c", &begin, &end, &write) != 3 || write != 'w') continue;
    if (line.ends_with("[stack]")) continue;
    std::array<char, 4096> page{};
    for (std::uintptr_t at = begin; at < end; at += page.size()) {
      if (pread(memory, page.data(), page.size(), static_cast<off_t>(at)) <= 0) break;
      const auto* where = reinterpret_cast<const std::uint8_t*>(at);  // NOLINT(performance-no-int-to-ptr)
      const bool ours = where + page.size() > own.data() && where < own.data() + own.size();
      if (!ours && std::string_view(page.data(), page.size()).find(text) != std::string_view::npos) ++found;
    }
  }
  close(memory);
  return found;
}

// What does not compress goes through zstd's buffer of literals as it is. Batches follow one another, so the second
// finds memory that the first gave back.
TEST(CompressionSizeTest, LeavesNoPlaintextBehind) {
#ifdef EDGESEAL_SANITIZED
  GTEST_SKIP() << "a sanitizer's shadow memory is too large to search";
#endif
  const std::string literals = noise(600'000);
  PlainBytes content = to_plain(as_bytes(literals));
  for (std::uint8_t& byte : content) byte ^= 0x5a;  // so that `literals` is not what is looked for
  for (const int level : {1, 3}) {
    for (int i = 0; i < 3; ++i) ASSERT_THAT(compress(content, level), IsOk());
    for (const std::size_t at : {100U, 5000U, 70'000U, 131'000U, 300'000U, 599'000U}) {
      const auto sample = as_text(ByteView(content).subspan(at, 24));
      EXPECT_EQ(found_in_memory(sample, content), 0U) << "from byte " << at << " on, level " << level;
    }
  }
}

// The same content seals to the same size, so that tests and estimates can rely on it.
TEST(CompressionSizeTest, TheSameContentGivesTheSameBytes) {
  const std::string content = telemetry(50'000);
  EXPECT_EQ(compress(as_bytes(content), 3).value(), compress(as_bytes(content), 3).value());
}

}  // namespace
}  // namespace edgeseal::agent
