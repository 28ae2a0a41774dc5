// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/relay_buffer.h"

#include <random>

#include <gmock/gmock.h>

namespace edgeseal::transport {
namespace {

TEST(RelayBuffer, GivesBackWhatWasPutInWhateverTheSteps) {
  RelayBuffer buffer(16);
  std::minstd_rand random(7);
  std::uint8_t next_in = 0;
  std::uint8_t next_out = 0;
  for (int step = 0; step < 10'000; ++step) {
    const std::size_t in = random() % (buffer.room() + 1);
    if (step % 2 == 0) {
      Bytes bytes(in);
      for (std::uint8_t& byte : bytes) byte = next_in++;
      buffer.append(bytes);
    } else {
      const MutableByteView space = buffer.space();
      ASSERT_EQ(space.size(), buffer.room());
      for (std::size_t i = 0; i < in; ++i) space[i] = next_in++;
      buffer.filled(in);
    }
    const std::size_t out = random() % (buffer.bytes().size() + 1);
    for (std::size_t i = 0; i < out; ++i) ASSERT_EQ(buffer.bytes()[i], next_out++);
    buffer.emptied(out);
    ASSERT_EQ(buffer.bytes().size() + buffer.room(), 16U);
    ASSERT_EQ(buffer.empty(), buffer.bytes().empty());
  }
}

// Payloads pass through. The memory is still the buffer's, so that looking at it is allowed.
TEST(RelayBuffer, WipesWhatHasGone) {
  RelayBuffer buffer(8);
  buffer.append(as_bytes("secret"));
  const std::uint8_t* const memory = buffer.bytes().data();
  buffer.emptied(4);
  EXPECT_EQ(ByteView(memory, 4)[0], kWipeByte);
  EXPECT_EQ(ByteView(memory, 4)[3], kWipeByte);
  static_cast<void>(buffer.space());  // moves "et" to the front
  EXPECT_EQ(as_text(buffer.bytes()), "et");
  for (std::size_t i = 2; i < 6; ++i) EXPECT_EQ(memory[i], kWipeByte) << i;
}

}  // namespace
}  // namespace edgeseal::transport
