// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/wire.h"

#include <gmock/gmock.h>

namespace edgeseal {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(WireWriterTest, WritesBigEndianAfterWhatIsThere) {
  Bytes out{0xaa};
  WireWriter wire(out);
  wire.u8(0x01);
  wire.u16(0x0203);
  wire.u32(0x04050607);
  wire.u64(0x08090a0b0c0d0e0f);
  wire.bytes(as_bytes("!"));
  EXPECT_EQ(to_hex(out), "aa0102030405060708090a0b0c0d0e0f21");
}

TEST(WireReaderTest, ReadsWhatTheWriterWrote) {
  const Bytes in = *from_hex("0102030405060708090a0b0c0d0e0f21ff");
  WireReader wire(in);
  EXPECT_THAT(wire.u8(), Optional(0x01));
  EXPECT_THAT(wire.u16(), Optional(0x0203));
  EXPECT_THAT(wire.u32(), Optional(0x04050607U));
  EXPECT_THAT(wire.u64(), Optional(0x08090a0b0c0d0e0fULL));
  EXPECT_EQ(wire.position(), 15U);
  const auto rest = wire.bytes(2);
  ASSERT_TRUE(rest);
  EXPECT_THAT(*rest, ElementsAre(0x21, 0xff));
  EXPECT_EQ(wire.left(), 0U);
}

TEST(WireReaderTest, KeepsTheTopBitOfEachWidth) {
  const Bytes in(8, 0xff);
  EXPECT_THAT(WireReader(in).u8(), Optional(0xff));
  EXPECT_THAT(WireReader(in).u16(), Optional(0xffff));
  EXPECT_THAT(WireReader(in).u32(), Optional(0xffffffffU));
  EXPECT_THAT(WireReader(in).u64(), Optional(0xffffffffffffffffULL));
}

// A length field of a hostile message can claim anything.
TEST(WireReaderTest, PastTheEndGivesNothingAndMovesNothing) {
  const Bytes in{1, 2, 3};
  WireReader wire(in);
  ASSERT_TRUE(wire.u8());
  EXPECT_EQ(wire.u32(), std::nullopt);
  EXPECT_EQ(wire.u64(), std::nullopt);
  EXPECT_FALSE(wire.bytes(3).has_value());
  EXPECT_FALSE(wire.bytes(SIZE_MAX).has_value());
  EXPECT_EQ(wire.position(), 1U);
  EXPECT_THAT(wire.u16(), Optional(0x0203));
  EXPECT_EQ(wire.u8(), std::nullopt);
  EXPECT_TRUE(wire.bytes(0).has_value());
}

}  // namespace
}  // namespace edgeseal
