// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/batch/compression.h"

#include <random>

#include <gtest/gtest.h>

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

// RFC 8878 section 3.1.1: magic, then the descriptor: single segment or content size, and the checksum flag.
TEST_P(CompressionTest, IsOneFrameThatTellsItsSizeAndHasAChecksum) {
  const std::string content = telemetry(100'000);
  auto compressed = compress(as_bytes(content), GetParam());
  ASSERT_THAT(compressed, IsOk());
  EXPECT_EQ(to_hex(ByteView(*compressed).first(4)), "28b52ffd");
  const std::uint8_t descriptor = (*compressed)[4];
  EXPECT_NE(descriptor & 0x04, 0) << "checksum";
  EXPECT_NE(descriptor & 0xe0, 0) << "content size";

  compressed->back() ^= 1;
  EXPECT_NE(test::run({"zstd", "-d", "-c"}, std::string(as_text(*compressed))).status, 0) << "a flipped checksum bit";
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

// The same content seals to the same size, so that tests and estimates can rely on it.
TEST(CompressionSizeTest, TheSameContentGivesTheSameBytes) {
  const std::string content = telemetry(50'000);
  EXPECT_EQ(compress(as_bytes(content), 3).value(), compress(as_bytes(content), 3).value());
}

}  // namespace
}  // namespace edgeseal::agent
