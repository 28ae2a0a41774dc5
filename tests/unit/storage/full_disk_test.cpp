// SPDX-License-Identifier: GPL-3.0-or-later
// A file system of 2 MB that fills up: SQLite and the kernel say so, not the bounds.
#include "storage/salvage/salvage.h"
#include "tests/support/small_disk.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

class FullDiskTest : public SpoolTest {
 protected:
  void SetUp() override {
    SpoolTest::SetUp();
    if (!disk.mounted()) GTEST_SKIP() << "this needs to mount a small tmpfs, which only root may";
    options.path = disk.path() / "spool.db";
    options.bytes_max = std::uint64_t{1} << 40;
  }
  void TearDown() override { spool.reset(); }
  [[nodiscard]] SealedBatch large(const std::string& route = "telemetry") {
    return batch(route, std::string(100'000, static_cast<char>('a' + made_++ % 26)));
  }
  void fill_the_disk() {
    disk.fill();
    ASSERT_EQ(disk.free_bytes(), 0U);
  }

  test::SmallDisk disk{folder / "disk", "2m"};

 private:
  int made_ = 0;
};

TEST_F(FullDiskTest, DropOldestGoesOnForEver) {
  open();
  std::size_t fewest = 1000;
  for (std::uint64_t number = 1; number <= 100; ++number) {
    ASSERT_THAT(commit(large()), IsOk()) << "batch " << number << ", " << disk.free_bytes() << " bytes free";
    const auto held = pending("lake");
    ASSERT_EQ(held.back().sequence.number, number);
    if (number > 20) fewest = std::min(fewest, held.size());
  }
  EXPECT_GE(fewest, 3U);
  EXPECT_EQ(drops("telemetry").size() + pending("lake").size(), 100U);
  open();
  EXPECT_EQ(drops("telemetry").size() + pending("lake").size(), 100U);
  EXPECT_EQ(spool->tip({"telemetry"})->sequence, Sequence{100});
}

TEST_F(FullDiskTest, BlockFailsUntilConfirmationsMakeRoom) {
  options.when_full = WhenFull::block;
  open();
  SealedBatch next = large();
  while (commit(next)) next = large();
  EXPECT_THAT(commit(next), Fails(Kind::full, HasSubstr("spool.db")));
  const auto held = pending("lake");
  ASSERT_GE(held.size(), 3U);
  EXPECT_EQ(held.size() + 1, next.sequence.number);
  // The deletions commit on the full disk, and what they free can be used again.
  for (const QueuedBatch& sent : held) ASSERT_THAT(spool->confirm({"lake"}, sent.row), IsOk());
  for (int i = 0; i < 3; ++i) {
    must_commit(next);
    next = large();
  }
}

TEST_F(FullDiskTest, DropNewestKeepsTheOldAndRecordsTheNew) {
  options.when_full = WhenFull::drop_newest;
  open();
  for (int i = 0; i < 40; ++i) must_commit(large());
  EXPECT_GE(pending("lake").size(), 3U);
  EXPECT_EQ(pending("lake").front().sequence, Sequence{1});
  EXPECT_EQ(drops("telemetry").size() + pending("lake").size(), 40U);
  EXPECT_EQ(spool->tip({"telemetry"})->sequence, Sequence{40});
}

TEST_F(FullDiskTest, ConfirmationsCommitWhenOthersHaveTakenTheLastByte) {
  open();
  for (int i = 0; i < 5; ++i) must_commit(large());
  fill_the_disk();
  for (const QueuedBatch& sent : pending("lake")) ASSERT_THAT(spool->confirm({"lake"}, sent.row), IsOk());
  EXPECT_THAT(names("lake"), IsEmpty());
  must_commit(large());
}

TEST_F(FullDiskTest, DropOldestCommitsWhenOthersHaveTakenTheLastByte) {
  open();
  for (int i = 0; i < 8; ++i) must_commit(large());
  fill_the_disk();
  must_commit(large());
  EXPECT_EQ(pending("lake").back().sequence, Sequence{9});
  EXPECT_EQ(drops("telemetry").size() + pending("lake").size(), 9U);
}

TEST_F(FullDiskTest, WhatIsMoreImportantStaysWhenOthersHaveTakenTheLastByte) {
  open();
  for (int i = 0; i < 8; ++i) {
    SealedBatch high = large("alarms");
    high.priority = 9;
    must_commit(high);
  }
  fill_the_disk();
  const auto before = names("lake");
  for (int i = 0; i < 20; ++i) {
    SealedBatch low = large();
    low.priority = 0;
    ASSERT_THAT(commit(low), IsOk()) << "batch " << i;
  }
  EXPECT_EQ(names("lake"), before);
  EXPECT_EQ(drops("telemetry").size(), 20U);
}

TEST_F(FullDiskTest, ASpoolOpensOnAFullDiskAndDrains) {
  open();
  for (int i = 0; i < 5; ++i) must_commit(large());
  spool.reset();
  fill_the_disk();
  open();
  for (const QueuedBatch& sent : pending("lake")) ASSERT_THAT(spool->confirm({"lake"}, sent.row), IsOk());
  must_commit(large());
}

TEST_F(FullDiskTest, FramesAreCommittedAtTheCostOfOldBatches) {
  open();
  for (int i = 0; i < 8; ++i) must_commit(large("bulk"));
  fill_the_disk();
  const SealedBatch open_batch = batch("telemetry", "");
  ASSERT_THAT(spool->commit({.journals = {journal(open_batch)}, .frames = {}, .batches = {}, .drops = {}}), IsOk());
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(
        spool->commit(
            {.journals = {}, .frames = {frame(open_batch, std::string(2000, 'f'))}, .batches = {}, .drops = {}}),
        IsOk())
        << "frame " << i;
  }
  EXPECT_EQ(stats().frames, 100U);
}

TEST_F(FullDiskTest, ASalvageWithoutRoomLeavesAllInPlaceAndSucceedsOnceThereIsSome) {
  const HashFunction hash = [](ByteView bytes) -> Result<Digest> { return digest_of(std::string(as_text(bytes))); };
  open();
  for (int i = 0; i < 3; ++i) must_commit(large());
  spool.reset();
  std::fstream(options.path, std::ios::in | std::ios::out | std::ios::binary) << std::string(100, 'x');
  const std::string before = test::read_file(options.path);
  fill_the_disk();
  EXPECT_THAT(salvage(options, random, at(9), hash), Fails(Kind::full, HasSubstr("no room to salvage")));
  EXPECT_EQ(test::read_file(options.path), before);
  EXPECT_FALSE(std::filesystem::exists(disk.path() / "spool.db.salvage"));

  std::filesystem::remove(disk.path() / "filler");
  const auto report = salvage(options, random, at(9), hash);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->batches_kept, 3U);
  open();
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1", "telemetry/2", "telemetry/3"));
}

}  // namespace
}  // namespace edgeseal::storage
