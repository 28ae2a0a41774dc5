// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/ids.h"

#include <type_traits>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"
#include "tests/support/random.h"

namespace edgeseal {
namespace {

using test::Fails;
using test::IsOk;

static_assert(!std::is_convertible_v<BatchId, SpoolId> && !std::is_constructible_v<SpoolId, BatchId>,
              "ids of different things must not be passed for one another");
static_assert(!std::is_convertible_v<RouteName, SinkName>);
static_assert(!std::is_convertible_v<std::uint64_t, std::string> && std::is_aggregate_v<Sequence>);

TEST(IdsTest, ComeFromExactlySoManyBytes) {
  const Bytes bytes = *from_hex("000102030405060708090a0b0c0d0e0f");
  const auto id = BatchId::from(bytes);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->hex(), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(BatchId::from(ByteView(bytes).first(15)), std::nullopt);
  EXPECT_EQ(Digest::from(bytes), std::nullopt);
  EXPECT_EQ(BatchId::from({}), std::nullopt);
}

TEST(IdsTest, AreDrawnFromTheGivenSourceAndNoMore) {
  test::ScriptedRandom random(Bytes(20, 0x5a));
  const auto id = SpoolId::random(random);
  ASSERT_THAT(id, IsOk());
  EXPECT_EQ(id->hex(), "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
  EXPECT_EQ(random.left(), 4U);
  EXPECT_THAT(SpoolId::random(random), Fails(Kind::fault));
}

TEST(IdsTest, CompareByTheirBytes) {
  BatchId one;
  BatchId two;
  EXPECT_EQ(one, two);
  two.bytes[15] = 1;
  EXPECT_LT(one, two);
  EXPECT_EQ(Sequence{6}.next(), Sequence{7});
}

}  // namespace
}  // namespace edgeseal
