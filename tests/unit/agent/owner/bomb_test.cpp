// SPDX-License-Identifier: GPL-3.0-or-later
// Small objects that would become large: anyone who has the public key can seal one.
#include <gmock/gmock.h>

#include "agent/batch/compression.h"
#include "agent/batch/content_writer.h"
#include "agent/owner/content_items.h"
#include "agent/owner/object_reader.h"
#include "tests/support/matchers.h"
#include "tests/unit/agent/owner/objects.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// Counts, and keeps nothing.
class Counted final : public ObjectConsumer {
 public:
  Result<void> on_link(const ChainLink&) override { return {}; }
  Result<void> on_header(const BatchHeader&, ByteView) override { return {}; }
  Result<void> on_record(const BatchHeader&, std::uint64_t, const Record&, ByteView, ByteView) override {
    ++records;
    return {};
  }
  Result<void> on_plaintext(ByteView) override { return {}; }
  std::uint64_t records = 0;
};

class BombTest : public ::testing::Test {
 protected:
  /// Opens what `content` is sealed to, compressed as well as it can be; the object must be small.
  Result<void> open(const PlainBytes& content, std::optional<std::uint64_t> bytes_max = std::nullopt) {
    const Bytes object = sealed(context_pairs(link()), compress(content, 3).value(), 65'536);
    EXPECT_LT(object.size(), kMiB);
    GivenKey keys;
    const auto reader = ObjectReader::create(ReadAs::batch, keys, seen, bytes_max);
    if (auto fed = reader->feed(object); !fed) return fed;
    return reader->finish();
  }
  Counted seen;
};

TEST_F(BombTest, OneHugePayload) {
  const PlainBytes content = content_of(header_of(link()), {record(std::string(65 * kMiB, 'x'))});
  EXPECT_THAT(open(content), Fails(Kind::invalid, HasSubstr("too-large")));
  EXPECT_EQ(seen.records, 0U);
  EXPECT_THAT(open(content, 66 * kMiB), IsOk()) << "its owner may know better";
}

TEST_F(BombTest, ManyTinyRecords) {
  Record tiny;
  PlainBytes content = content_of(header_of(link()), {});
  for (int i = 0; i < 1'100'000; ++i) write_record(tiny, content);
  ASSERT_LT(content.size(), 64 * kMiB) << "it is their number that is too much";
  EXPECT_THAT(open(content), Fails(Kind::invalid, HasSubstr("too-large")));
  EXPECT_LE(seen.records, 64 * kMiB / 64);
}

TEST_F(BombTest, ManyUserProperties) {
  Record many = record("x");
  many.properties.user.assign(100'000, {"", ""});
  PlainBytes content = content_of(header_of(link()), {});
  for (int i = 0; i < 30; ++i) write_record(many, content);
  EXPECT_THAT(open(content), Fails(Kind::invalid, HasSubstr("too-large")));
}

TEST_F(BombTest, MoreDropsThanAHeaderReports) {
  BatchHeader header = header_of(link());
  header.drops.assign(kReportedDropsMax, {{1}, 1, "spool_full", {Duration{1}}});
  EXPECT_THAT(open(content_of(header, {record("x")})), IsOk());
  header.drops.emplace_back(header.drops.front());
  EXPECT_THAT(open(content_of(header, {record("x")})), Fails(Kind::corrupt, HasSubstr("content")));
}

TEST_F(BombTest, WhatAGatewayMakesByItsDefaultsIsFarBelow) {
  PlainBytes content = content_of(header_of(link()), {});
  while (content.size() < 32 * kMiB) write_record(record(std::string(200, 'x')), content);
  EXPECT_THAT(open(content), IsOk());
}

TEST(ContentBudgetTest, GrowsWithTheObjectBeyondItsFirstMebibyte) {
  ContentBudget budget;
  budget.object_came(kMiB);
  EXPECT_THAT(budget.spend(64 * kMiB), IsOk());
  EXPECT_THAT(budget.spend(1), Fails(Kind::invalid));
  budget.object_came(10);
  EXPECT_THAT(budget.spend(2000), IsOk());
  EXPECT_THAT(budget.spend(1), Fails(Kind::invalid));
}

TEST(ContentBudgetTest, IsAllThereIsWhenItWasSaid) {
  ContentBudget budget(100);
  budget.object_came(100 * kMiB);
  EXPECT_THAT(budget.spend(100), IsOk());
  EXPECT_THAT(budget.spend(1), Fails(Kind::invalid));
}

}  // namespace
}  // namespace edgeseal::agent
