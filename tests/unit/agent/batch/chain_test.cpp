// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/batch/chain.h"

#include <gtest/gtest.h>

#include "agent/batch/batch_layout.h"
#include "tests/support/matchers.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;

using Pairs = std::map<std::string, std::string>;

ChainLink link() {
  ChainLink link{.gateway = "truck-017",
                 .route = {"telemetry"},
                 .spool = {},
                 .sequence = {12},
                 .previous = {},
                 .batch = {},
                 .journal = false,
                 .zstd = true};
  link.spool.bytes.fill(0x5a);
  link.previous.bytes.fill(0xd1);
  link.batch.bytes.fill(0xba);
  return link;
}

TEST(ChainTest, ALinkIsThesePairs) {
  EXPECT_EQ(context_pairs(link()),
            (Pairs{{"gateway", "truck-017"},
                   {"route", "telemetry"},
                   {"spool", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"},
                   {"seq", "12"},
                   {"previous", "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1"},
                   {"batch", "babababababababababababababababa"},
                   {"kind", "batch"},
                   {"encoding", "zstd"}}));
}

TEST(ChainTest, EveryKindOfLinkComesBackAsItWas) {
  for (const bool journal : {false, true}) {
    for (const bool zstd : {false, true}) {
      for (const std::uint64_t sequence : {std::uint64_t{1}, UINT64_MAX}) {
        ChainLink each = link();
        each.journal = journal;
        each.zstd = zstd;
        each.sequence = {sequence};
        const auto parsed = parse_context(context_pairs(each));
        ASSERT_THAT(parsed, IsOk());
        EXPECT_EQ(*parsed, each);
      }
    }
  }
}

// A later version may say more.
TEST(ChainTest, OtherPairsAreLeftAlone) {
  Pairs pairs = context_pairs(link());
  pairs["site"] = "mine 4";
  EXPECT_EQ(parse_context(pairs).value(), link());
}

TEST(ChainTest, EachMissingPairIsNamed) {
  for (const auto& [key, value] : context_pairs(link())) {
    Pairs pairs = context_pairs(link());
    pairs.erase(key);
    EXPECT_THAT(parse_context(pairs),
                Fails(Kind::invalid, AllOf(HasSubstr("has no \"" + key + "\""), HasSubstr("not a batch of edgeseal"))));
  }
}

TEST(ChainTest, EachMalformedPairIsNamed) {
  const std::string hex16(32, '0');
  const std::string hex32(64, '0');
  const std::pair<std::string, std::string> rows[] = {
      {"spool", ""},
      {"spool", hex16 + "00"},
      {"spool", hex16.substr(1)},
      {"spool", "g" + hex16.substr(1)},
      {"batch", hex32},
      {"batch", hex16.substr(2)},
      {"previous", hex16},
      {"previous", " " + hex32.substr(1)},
      {"seq", ""},
      {"seq", "0"},
      {"seq", "-1"},
      {"seq", "+1"},
      {"seq", " 1"},
      {"seq", "1 "},
      {"seq", "0x1"},
      {"seq", "1.0"},
      {"seq", "18446744073709551616"},
      {"kind", "Batch"},
      {"kind", ""},
      {"encoding", "gzip"},
      {"encoding", ""},
  };
  for (const auto& [key, value] : rows) {
    Pairs pairs = context_pairs(link());
    pairs[key] = value;
    EXPECT_THAT(parse_context(pairs),
                Fails(Kind::invalid, HasSubstr("\"" + key + "\" is malformed: \"" + value + "\"")))
        << key << " = " << value;
  }
}

TEST(ChainTest, AnErrorShowsNoMoreThanTheBeginningOfALongValue) {
  Pairs pairs = context_pairs(link());
  pairs["kind"] = std::string(60000, 'x');
  EXPECT_LT(parse_context(pairs).error().message().size(), 200U);
}

}  // namespace
}  // namespace edgeseal::agent
