// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/cbor_reader.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::StartsWith;

/// The items found, in hexadecimal, and the error's text at the end when there was one.
std::vector<std::string> items_of(std::string_view hex, std::size_t piece_bytes = 100) {
  const Bytes bytes = from_hex(hex).value();
  CborSequence sequence;
  std::vector<std::string> items;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    sequence.feed(ByteView(bytes).subspan(at, std::min(piece_bytes, bytes.size() - at)));
    for (;;) {
      const auto item = sequence.next();
      if (!item) {
        items.push_back(item.error().what);
        return items;
      }
      if (!*item) break;
      items.push_back(to_hex(**item));
    }
  }
  if (!sequence.at_end()) items.emplace_back("unfinished");
  return items;
}

TEST(CborSequenceTest, CutsItemsHoweverTheBytesArrive) {
  // 1; [1, "ab", h'cd']; {"k": [true, -1]}; []; h''
  constexpr std::string_view kHex =
      "01"
      "8301626162"
      "41cd"
      "a1616b82f520"
      "80"
      "40";
  for (std::size_t piece_bytes = 1; piece_bytes < 18; ++piece_bytes) {
    EXPECT_THAT(items_of(kHex, piece_bytes), ElementsAre("01", "830162616241cd", "a1616b82f520", "80", "40"));
  }
}

TEST(CborSequenceTest, IsUnfinishedWithinAnItem) {
  EXPECT_THAT(items_of("8201"), ElementsAre("unfinished"));
  EXPECT_THAT(items_of("0142ab"), ElementsAre("01", "unfinished"));
  EXPECT_THAT(items_of("19"), ElementsAre("unfinished"));
}

TEST(CborSequenceTest, RefusesWhatBatchesDoNotHold) {
  for (const char* hex :
       {"f6", "f7", "f93c00", "fb3ff0000000000000", "c001", "9f01ff", "bf616101ff", "5f4101ff", "7f6161ff", "ff"}) {
    EXPECT_THAT(items_of(hex), ElementsAre(StartsWith("content: "))) << hex;
  }
  EXPECT_THAT(items_of("1c"), ElementsAre(StartsWith("content: it is not CBOR")));
}

TEST(CborSequenceTest, RefusesClaimsBeyondReasonWithoutWaitingForThem) {
  EXPECT_THAT(items_of("5b0000000100000000"), ElementsAre(StartsWith("content: ")));
  EXPECT_THAT(items_of("9b0000000100000000"), ElementsAre(StartsWith("content: ")));
  EXPECT_THAT(items_of("bbffffffffffffffff"), ElementsAre(StartsWith("content: ")));
  EXPECT_THAT(items_of("81818181818181818101"), ElementsAre(StartsWith("content: ")));
}

TEST(CborReaderTest, GivesNothingWhenSomethingElseStandsThere) {
  const Bytes item = from_hex("8501206161f541aa").value();
  CborReader cbor(item);
  EXPECT_FALSE(cbor.map().has_value());
  EXPECT_EQ(cbor.array(), 5U);
  EXPECT_FALSE(cbor.text().has_value());
  EXPECT_EQ(cbor.uint(), 1U);
  EXPECT_FALSE(cbor.uint().has_value());
  EXPECT_EQ(cbor.integer(), -1);
  EXPECT_FALSE(cbor.bytes().has_value());
  EXPECT_EQ(cbor.text(), "a");
  EXPECT_EQ(cbor.boolean(), true);
  EXPECT_EQ(to_hex(cbor.bytes().value()), "aa");
  EXPECT_TRUE(cbor.at_end());
  EXPECT_FALSE(cbor.uint().has_value());
}

TEST(CborReaderTest, KnowsTheEndsOfAnInteger) {
  EXPECT_EQ(CborReader(from_hex("1b7fffffffffffffff").value()).integer(), INT64_MAX);
  EXPECT_EQ(CborReader(from_hex("3b7fffffffffffffff").value()).integer(), INT64_MIN);
  EXPECT_FALSE(CborReader(from_hex("1b8000000000000000").value()).integer().has_value());
  EXPECT_FALSE(CborReader(from_hex("3b8000000000000000").value()).integer().has_value());
}

}  // namespace
}  // namespace edgeseal::agent
