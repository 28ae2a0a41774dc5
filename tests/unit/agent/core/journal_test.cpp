// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/journal.h"

#include "crypto/primitives/sha2.h"
#include "tests/support/flipped_bits.h"
#include "tests/support/matchers.h"

namespace edgeseal::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const ChainTip kTip{{6}, {}};

storage::JournalFrame frame(const std::string& bytes, std::uint64_t records) {
  storage::JournalFrame frame;
  frame.bytes.assign(bytes.begin(), bytes.end());
  frame.digest = crypto::sha256(frame.bytes).value();
  frame.records = records;
  frame.sealed = {Duration{static_cast<std::int64_t>(records)}};
  return frame;
}

storage::LeftoverJournal leftover() {
  storage::LeftoverJournal journal;
  journal.start = {.route = {"telemetry"},
                   .sequence = {7},
                   .batch = {},
                   .shared_header = Bytes(10, 0x5a),
                   .priority = 8,
                   .sinks = {{"lake"}, {"stick"}}};
  journal.start.batch.bytes.fill(0xab);
  journal.frames = {frame("first", 3), frame("second", 4)};
  return journal;
}

TEST(JournalTest, BecomesABatchThatIsAsItsJournalSays) {
  const storage::LeftoverJournal journal = leftover();
  const auto promotion = agent::promote(journal, kTip);
  ASSERT_THAT(promotion, IsOk());
  EXPECT_THAT(promotion->lost, SizeIs(0));
  const storage::SealedBatch& batch = promotion->batch;
  EXPECT_EQ(batch.route.text, "telemetry");
  EXPECT_EQ(batch.sequence.number, 7U);
  EXPECT_EQ(batch.id, journal.start.batch);
  EXPECT_EQ(batch.kind, storage::BatchKind::journal);
  EXPECT_EQ(batch.priority, 8);
  EXPECT_THAT(batch.sinks, ElementsAre(SinkName{"lake"}, SinkName{"stick"}));
  EXPECT_EQ(batch.records, 7U);
  EXPECT_EQ(batch.sealed, journal.frames.back().sealed);
  EXPECT_EQ(batch.digest, crypto::sha256(batch.object).value());
}

TEST(JournalTest, EveryBitOfAFramesDigestCounts) {
  storage::LeftoverJournal journal = leftover();
  const Digest digest = journal.frames[1].digest;
  expect_every_bit_counts(digest.view(), [&journal](const Bytes& stored) {
    journal.frames[1].digest = *Digest::from(stored);
    const auto promotion = agent::promote(journal, kTip);
    EXPECT_THAT(promotion, IsOk());
    return promotion->lost.empty() && promotion->batch.records == 7;
  });
}

TEST(JournalTest, TellsOfEachFrameThatIsDamaged) {
  storage::LeftoverJournal journal = leftover();
  for (storage::JournalFrame& each : journal.frames) each.bytes.push_back(0);
  const auto promotion = agent::promote(journal, kTip);
  ASSERT_THAT(promotion, IsOk());
  EXPECT_TRUE(promotion->batch.object.empty()) << "nothing of it is sound";
  ASSERT_THAT(promotion->lost, SizeIs(2));
  EXPECT_EQ(promotion->lost[0].records, 3U);
  EXPECT_EQ(promotion->lost[1].records, 4U);
  EXPECT_EQ(promotion->lost[1].reason, storage::DropReason::damaged);
}

TEST(JournalTest, ContinuesItsChainOrIsCorrupt) {
  for (const std::uint64_t end : {0U, 5U, 7U, 8U}) {
    EXPECT_THAT(agent::promote(leftover(), {{end}, {}}), Fails(Kind::corrupt, HasSubstr("the chain ends at"))) << end;
  }
}

}  // namespace
}  // namespace edgeseal::test
