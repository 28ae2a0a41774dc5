// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/arrivals.h"

#include <gmock/gmock.h>

namespace edgeseal::transport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kQos0BytesMax = std::size_t{16} << 20;

Message message(std::uint8_t qos, std::uint16_t packet_id, std::uint64_t connection = 1, std::size_t bytes = 1) {
  Message made;
  made.topic = "plant/7";
  made.payload.resize(bytes);
  made.qos = qos;
  made.packet_id = packet_id;
  made.connection = connection;
  return made;
}

TEST(Arrivals, AreNumberedFromOneWithoutGaps) {
  Arrivals arrivals;
  EXPECT_EQ(arrivals.came(message(1, 7)), 1U);
  EXPECT_EQ(arrivals.came(message(0, 0)), 2U);
  EXPECT_EQ(arrivals.came(message(2, 8)), 3U);
}

TEST(Arrivals, AreReleasedUpToANumberAndOnce) {
  Arrivals arrivals;
  for (const std::uint16_t id : std::initializer_list<std::uint16_t>{7, 8, 9})
    EXPECT_TRUE(arrivals.came(message(1, id)));
  EXPECT_THAT(arrivals.release(2, 1), ElementsAre(7, 8));
  EXPECT_THAT(arrivals.release(2, 1), IsEmpty());
  EXPECT_THAT(arrivals.release(3, 1), ElementsAre(9));
  EXPECT_EQ(arrivals.acknowledged(8), 2U);
  EXPECT_EQ(arrivals.acknowledged(7), 1U);
}

TEST(Arrivals, OfAnEarlierConnectionHaveNoAcknowledgementOnThisOne) {
  Arrivals arrivals;
  EXPECT_EQ(arrivals.came(message(1, 7, 1)), 1U);
  arrivals.connection_ended();
  EXPECT_EQ(arrivals.came(message(1, 7, 2)), 2U);
  EXPECT_THAT(arrivals.release(2, 2), ElementsAre(7));
  EXPECT_EQ(arrivals.acknowledged(7), 2U);
}

TEST(Arrivals, OfQos0AreRefusedPastTheirBoundAndHaveNoNumberThen) {
  Arrivals arrivals;
  EXPECT_EQ(arrivals.came(message(0, 0, 1, kQos0BytesMax + 1)), 1U);  // alone it is within the bound
  EXPECT_EQ(arrivals.came(message(0, 0)), std::nullopt);
  EXPECT_EQ(arrivals.came(message(1, 7)), 2U);
  EXPECT_THAT(arrivals.release(2, 1), ElementsAre(7));
  EXPECT_EQ(arrivals.came(message(0, 0)), 3U);
}

}  // namespace
}  // namespace edgeseal::transport
