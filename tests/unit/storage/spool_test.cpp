// SPDX-License-Identifier: GPL-3.0-or-later
// What Spool promises when there is room; bounds_test, full_disk_test and kill_test have the rest.
#include "storage/spool.h"

#include <atomic>
#include <filesystem>
#include <optional>
#include <random>
#include <thread>

#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

TEST_F(SpoolTest, StartsWithAnEmptyChain) {
  open();
  const auto tip = spool->tip({"telemetry"});
  ASSERT_THAT(tip, IsOk());
  EXPECT_EQ(*tip, ChainTip{});
}

TEST_F(SpoolTest, KeepsItsIdAndAnotherFileHasAnother) {
  open();
  const SpoolId first = spool->id();
  open();
  EXPECT_EQ(spool->id(), first);
  options.path = folder / "other.db";
  open();
  EXPECT_NE(spool->id(), first);
}

TEST_F(SpoolTest, GivesABatchBackAsItCame) {
  open();
  SealedBatch sent = batch("telemetry", std::string("sealed\0bytes", 12));
  sent.kind = BatchKind::journal;
  sent.priority = 7;
  must_commit(sent);

  const auto queued = pending("lake");
  ASSERT_EQ(queued.size(), 1U);
  EXPECT_EQ(queued[0].route, sent.route);
  EXPECT_EQ(queued[0].sequence, sent.sequence);
  EXPECT_EQ(queued[0].id, sent.id);
  EXPECT_EQ(queued[0].kind, BatchKind::journal);
  EXPECT_EQ(queued[0].digest, sent.digest);
  EXPECT_EQ(queued[0].bytes, 12U);
  EXPECT_EQ(queued[0].records, 10U);
  EXPECT_EQ(queued[0].sealed, sent.sealed);
  EXPECT_EQ(queued[0].priority, 7);
  EXPECT_EQ(queued[0].attempts, 0U);
  const auto object = view()->object(queued[0].row);
  ASSERT_THAT(object, IsOk());
  EXPECT_EQ(*object, sent.object);
}

TEST_F(SpoolTest, ChainTipOutlivesTheBatchAndTheProcess) {
  open();
  must_commit(batch("telemetry", "one"));
  must_commit(batch("telemetry", "two"));
  must_commit(batch("alarms", "red"));
  for (const QueuedBatch& queued : pending("lake")) ASSERT_THAT(spool->confirm({"lake"}, queued.row), IsOk());
  open();
  EXPECT_THAT(names("lake"), IsEmpty());
  EXPECT_EQ(*spool->tip({"telemetry"}), (ChainTip{.sequence = {2}, .digest = digest_of("two")}));
  EXPECT_EQ(*spool->tip({"alarms"}), (ChainTip{.sequence = {1}, .digest = digest_of("red")}));
}

using SpoolDeathTest = SpoolTest;
TEST_F(SpoolDeathTest, ABatchThatDoesNotContinueTheChainIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  open();
  must_commit(batch("telemetry", "one"));
  (void)batch("telemetry", "skipped");
  EXPECT_DEATH((void)commit(batch("telemetry", "three")), "sequence");
}

// --- journal -------------------------------------------------------------------------------------------------------

TEST_F(SpoolTest, AJournalLeftBehindComesBackWholeAndInOrder) {
  open();
  SealedBatch telemetry = batch("telemetry", "");
  telemetry.priority = 3;
  telemetry.sinks = {{"lake"}, {"stick"}};
  const SealedBatch alarms = batch("alarms", "");
  ASSERT_THAT(spool->commit({.journals = {journal(telemetry), journal(alarms)},
                             .frames = {frame(telemetry, "t1"), frame(alarms, "a1"), frame(telemetry, "t2")},
                             .batches = {},
                             .drops = {}}),
              IsOk());
  ASSERT_THAT(spool->commit({.journals = {}, .frames = {frame(telemetry, "t3")}, .batches = {}, .drops = {}}), IsOk());
  EXPECT_THAT(*spool->leftover_journals(), IsEmpty()) << "this process's own journals are not left over";

  open();
  const auto leftovers = spool->leftover_journals();
  ASSERT_THAT(leftovers, IsOk());
  ASSERT_EQ(leftovers->size(), 2U);
  const LeftoverJournal& first = (*leftovers)[0];
  EXPECT_EQ(first.start.route, telemetry.route);
  EXPECT_EQ(first.start.sequence, telemetry.sequence);
  EXPECT_EQ(first.start.batch, telemetry.id);
  EXPECT_EQ(first.start.shared_header, header(telemetry));
  EXPECT_EQ(first.start.priority, 3);
  EXPECT_THAT(first.start.sinks, ElementsAre(SinkName{"lake"}, SinkName{"stick"}));
  ASSERT_EQ(first.frames.size(), 3U);
  EXPECT_EQ(first.frames[0].bytes, bytes_of("t1"));
  EXPECT_EQ(first.frames[1].bytes, bytes_of("t2"));
  EXPECT_EQ(first.frames[2].bytes, bytes_of("t3"));
  EXPECT_EQ(first.frames[2].digest, digest_of("t3"));
  EXPECT_EQ(first.frames[2].records, 1U);
  EXPECT_EQ(first.frames[2].sealed, telemetry.sealed);
  EXPECT_EQ((*leftovers)[1].start.route, alarms.route);
}

TEST_F(SpoolTest, ABatchEndsItsOwnJournalAndNoOther) {
  open();
  SealedBatch one = batch("telemetry", "sealed one");
  const SealedBatch two = batch("telemetry", "");
  ASSERT_THAT(spool->commit({.journals = {journal(one)}, .frames = {frame(one, "1")}, .batches = {}, .drops = {}}),
              IsOk());
  // The next journal may start in the very change that closes the batch before it.
  ASSERT_THAT(spool->commit({.journals = {journal(two)}, .frames = {frame(two, "2")}, .batches = {one}, .drops = {}}),
              IsOk());
  EXPECT_EQ(stats().frames, 1U);
  open();
  const auto leftovers = spool->leftover_journals();
  ASSERT_EQ(leftovers->size(), 1U);
  EXPECT_EQ((*leftovers)[0].start.batch, two.id);
}

TEST_F(SpoolTest, APromotedJournalIsLeftOverNoMore) {
  open();
  SealedBatch open_batch = batch("telemetry", "promoted");
  ASSERT_THAT(spool->commit(
                  {.journals = {journal(open_batch)}, .frames = {frame(open_batch, "1")}, .batches = {}, .drops = {}}),
              IsOk());
  open();
  open_batch.kind = BatchKind::journal;
  must_commit(open_batch);
  EXPECT_THAT(*spool->leftover_journals(), IsEmpty());
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1"));
  // A journal of this process is not taken for a leftover, though the old one's row is free.
  const SealedBatch next = batch("telemetry", "");
  ASSERT_THAT(spool->commit({.journals = {journal(next)}, .frames = {frame(next, "2")}, .batches = {}, .drops = {}}),
              IsOk());
  EXPECT_THAT(*spool->leftover_journals(), IsEmpty());
}

TEST_F(SpoolTest, AJournalWithoutFramesIsForgotten) {
  open();
  const SealedBatch one = batch("telemetry", "");
  ASSERT_THAT(spool->commit({.journals = {journal(one)}, .frames = {}, .batches = {}, .drops = {}}), IsOk());
  open();
  EXPECT_THAT(*spool->leftover_journals(), IsEmpty());
  // Its place in the chain and even its id are free again.
  EXPECT_THAT(spool->commit({.journals = {journal(one)}, .frames = {frame(one, "1")}, .batches = {}, .drops = {}}),
              IsOk());
}

// --- deliveries ----------------------------------------------------------------------------------------------------

TEST_F(SpoolTest, ABatchGoesWhenItsLastSinkHasConfirmed) {
  open();
  SealedBatch sent = batch("telemetry", "one");
  sent.sinks = {{"lake"}, {"stick"}};
  must_commit(sent);
  const std::int64_t row = pending("lake").at(0).row;

  ASSERT_THAT(spool->confirm({"lake"}, row), IsOk());
  EXPECT_THAT(names("lake"), IsEmpty());
  EXPECT_THAT(names("stick"), ElementsAre("telemetry/1"));
  ASSERT_THAT(spool->confirm({"stick"}, row), IsOk());
  EXPECT_EQ(*view()->object(row), std::nullopt);
  EXPECT_EQ(stats().batches, 0U);
  EXPECT_EQ(stats().bytes, 0U);
}

TEST_F(SpoolTest, ConfirmingAgainChangesNothing) {
  open();
  SealedBatch sent = batch("telemetry", "one");
  sent.sinks = {{"lake"}, {"stick"}};
  must_commit(sent);
  const std::int64_t row = pending("lake").at(0).row;
  for (int i = 0; i < 2; ++i) ASSERT_THAT(spool->confirm({"lake"}, row), IsOk());
  EXPECT_THAT(names("stick"), ElementsAre("telemetry/1"));
  EXPECT_THAT(spool->confirm({"nobody"}, row), IsOk());
  EXPECT_THAT(names("stick"), ElementsAre("telemetry/1"));
  for (int i = 0; i < 2; ++i) ASSERT_THAT(spool->confirm({"stick"}, row), IsOk());
  EXPECT_EQ(stats().batches, 0U);
}

// A late confirmation of a batch that is gone must not hit the batch that came after it.
TEST_F(SpoolTest, ARowNumberIsNeverUsedTwice) {
  open();
  must_commit(batch("telemetry", "one"));
  const std::int64_t row = pending("lake").at(0).row;
  ASSERT_THAT(spool->confirm({"lake"}, row), IsOk());
  open();
  must_commit(batch("telemetry", "two"));
  EXPECT_NE(pending("lake").at(0).row, row);
  ASSERT_THAT(spool->confirm({"lake"}, row), IsOk());
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/2"));
}

TEST_F(SpoolTest, CountsFailedTriesOfEachSinkAndAcrossProcesses) {
  open();
  SealedBatch sent = batch("telemetry", "one");
  sent.sinks = {{"lake"}, {"stick"}};
  must_commit(sent);
  const std::int64_t row = pending("lake").at(0).row;
  ASSERT_THAT(spool->record_attempt({"lake"}, row, "503 Slow Down"), IsOk());
  ASSERT_THAT(spool->record_attempt({"lake"}, row, std::string(100'000, 'x')), IsOk());
  open();
  EXPECT_EQ(pending("lake").at(0).attempts, 2U);
  EXPECT_EQ(pending("stick").at(0).attempts, 0U);
  EXPECT_THAT(spool->record_attempt({"lake"}, row + 100, "gone"), IsOk());
}

TEST_F(SpoolTest, AQuarantinedBatchIsOutOfThatSinksWayAndKept) {
  open();
  SealedBatch sent = batch("telemetry", "one");
  sent.sinks = {{"lake"}, {"stick"}};
  must_commit(sent);
  must_commit(batch("telemetry", "two"));
  const std::int64_t row = pending("lake").at(0).row;
  ASSERT_THAT(spool->quarantine({"lake"}, row, "413 Too Large"), IsOk());
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/2"));
  EXPECT_THAT(names("stick"), ElementsAre("telemetry/1"));
  ASSERT_THAT(spool->confirm({"stick"}, row), IsOk());
  EXPECT_EQ(stats().batches, 2U);
  ASSERT_EQ(stats().sinks.size(), 2U);
  EXPECT_EQ(stats().sinks[0].quarantined, 1U);
  EXPECT_EQ(stats().sinks[0].pending, 1U);
}

TEST_F(SpoolTest, DeliveriesToSinksThatAreGoneAreForgotten) {
  open();
  SealedBatch both = batch("telemetry", "one");
  both.sinks = {{"lake"}, {"stick"}};
  must_commit(both);
  must_commit(batch("telemetry", "two"));  // lake alone
  SealedBatch got = batch("telemetry", "three");
  got.sinks = {{"lake"}, {"stick"}};
  must_commit(got);
  ASSERT_THAT(spool->confirm({"stick"}, pending("stick").at(1).row), IsOk());

  EXPECT_THAT(spool->keep_sinks({{"stick"}, {"lake"}}), ::testing::Optional(0U));
  EXPECT_THAT(spool->keep_sinks({{"stick"}}), ::testing::Optional(3U));
  EXPECT_THAT(names("stick"), ElementsAre("telemetry/1"));
  EXPECT_EQ(stats().batches, 1U);
  // The second batch reached nobody, and its owner is told; the third one had reached the stick.
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("2:10:no_sink"));
}

TEST_F(SpoolTest, ABatchThatNoSinkWaitsForIsRecordedAsDropped) {
  open();
  SealedBatch sent = batch("telemetry", "one");
  sent.sinks = {};
  must_commit(sent);
  EXPECT_EQ(stats().batches, 0U);
  EXPECT_EQ(spool->tip({"telemetry"})->sequence, Sequence{1});
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("1:10:no_sink"));
}

// --- drops ---------------------------------------------------------------------------------------------------------

TEST_F(SpoolTest, ADropIsUnreportedUntilABatchTellsOfIt) {
  open();
  ASSERT_THAT(spool->commit({.journals = {},
                             .frames = {},
                             .batches = {},
                             .drops = {{.row = 0,
                                        .route = {"telemetry"},
                                        .sequence = {4},
                                        .records = 3,
                                        .reason = DropReason::expired,
                                        .dropped = at(77)}}}),
              IsOk());
  open();
  EXPECT_THAT(drops("alarms"), IsEmpty());
  const auto recorded = drops("telemetry");
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_EQ(recorded[0].route.text, "telemetry");
  EXPECT_EQ(recorded[0].sequence, Sequence{4});
  EXPECT_EQ(recorded[0].records, 3U);
  EXPECT_EQ(recorded[0].reason, DropReason::expired);
  EXPECT_EQ(recorded[0].dropped, at(77));

  SealedBatch teller = batch("telemetry", "one");
  teller.drops_reported = {recorded[0].row};
  must_commit(teller);
  EXPECT_THAT(drops("telemetry"), IsEmpty());
  ASSERT_THAT(spool->confirm({"lake"}, pending("lake").at(0).row), IsOk());
  open();
  EXPECT_THAT(drops("telemetry"), IsEmpty());
}

TEST_F(SpoolTest, ALossThatGoesOnIsOneDropAMinute) {
  open();
  const auto lose = [&](const char* route, DropReason reason, std::uint32_t records, std::int64_t second) {
    SpoolChange change;
    change.drops.push_back({.row = 0,
                            .route = {route},
                            .sequence = {},
                            .records = records,
                            .reason = reason,
                            .dropped = {std::chrono::seconds(second)}});
    return spool->commit(change);
  };
  ASSERT_THAT(lose("telemetry", DropReason::qos0_full, 1, 100), IsOk());
  ASSERT_THAT(lose("telemetry", DropReason::qos0_full, 2, 159), IsOk());
  ASSERT_THAT(lose("telemetry", DropReason::too_large, 4, 159), IsOk());
  ASSERT_THAT(lose("alarms", DropReason::qos0_full, 5, 159), IsOk());
  ASSERT_THAT(lose("telemetry", DropReason::qos0_full, 7, 160), IsOk());
  ASSERT_THAT(lose("telemetry", DropReason::qos0_full, 8, 161), IsOk());
  ASSERT_THAT(lose("telemetry", DropReason::qos0_full, 1, 30), IsOk()) << "the clock was set back";
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:3:qos0_full", "0:4:too_large", "0:16:qos0_full"));
  EXPECT_THAT(drop_names("alarms"), ElementsAre("0:5:qos0_full"));
  EXPECT_EQ(drops("telemetry").at(0).dropped, WallTime{std::chrono::seconds(100)});
}

TEST_F(SpoolTest, ALossOfWhichABatchTellsGrowsNoMore) {
  open();
  SpoolChange change;
  change.drops.push_back({.row = 0,
                          .route = {"telemetry"},
                          .sequence = {},
                          .records = 3,
                          .reason = DropReason::qos0_full,
                          .dropped = at(77)});
  ASSERT_THAT(spool->commit(change), IsOk());
  SealedBatch teller = batch("telemetry", "one");
  teller.drops_reported = {drops("telemetry").at(0).row};
  change.batches = {teller};
  ASSERT_THAT(spool->commit(change), IsOk()) << "the batch counted 3, and the new loss is not among them";
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:3:qos0_full"));
}

// Between sealing and commit of a batch anything may happen, for a spool that is full may hold it for long.
TEST_F(SpoolTest, WhateverTheOrderEveryLossIsToldOnce) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    options.path = folder / ("spool" + std::to_string(seed) + ".db");
    open();
    std::mt19937 draw(seed);
    std::uint64_t lost = 0;
    std::uint64_t told = 0;
    std::uint64_t tells = 0;  // the batch that is sealed and not committed
    std::optional<SealedBatch> sealed;
    const std::string route = "route" + std::to_string(seed);
    const auto commit_it = [&](SpoolChange& change) {
      change.batches.push_back(std::move(*sealed));
      sealed.reset();
      told += tells;
    };
    for (std::int64_t second = 1; second <= 60; ++second) {
      SpoolChange change;
      const auto drawn = draw() % 10;
      if (drawn < 4 || drawn == 8) {
        const auto records = static_cast<std::uint32_t>(1 + draw() % 5);
        lost += records;
        change.drops.push_back({.row = 0,
                                .route = {route},
                                .sequence = {},
                                .records = records,
                                .reason = draw() % 2 == 0 ? DropReason::too_large : DropReason::qos0_full,
                                .dropped = {std::chrono::seconds(second)}});
      }
      if (drawn >= 4 && drawn < 7) {  // what was sealed before is sealed anew
        if (!sealed) sealed = batch(route, "x");
        sealed->drops_reported.clear();
        tells = 0;
        const auto handed_out = spool->hand_out_drops({route});
        ASSERT_THAT(handed_out, IsOk());
        for (const DropRecord& drop : *handed_out) {
          sealed->drops_reported.push_back(drop.row);
          tells += drop.records;
        }
      }
      if (drawn >= 7 && sealed) commit_it(change);
      ASSERT_THAT(spool->commit(change), IsOk());
      std::uint64_t untold = 0;
      for (const DropRecord& drop : drops(route)) untold += drop.records;
      ASSERT_EQ(told + untold, lost) << "seed " << seed << ", second " << second;
    }
  }
}

TEST_F(SpoolTest, ALossOfUnknownSizeStandsByItself) {
  open();
  SpoolChange change;
  for (const std::uint32_t records : {2U, 0U, 0U, 5U}) {
    change.drops.push_back({.row = 0,
                            .route = {"telemetry"},
                            .sequence = {},
                            .records = records,
                            .reason = DropReason::session_lost,
                            .dropped = at(77)});
  }
  ASSERT_THAT(spool->commit(change), IsOk());
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:7:session_lost", "0:0:session_lost", "0:0:session_lost"));
}

TEST_F(SpoolTest, ALossCountsNoFurtherThanItCan) {
  open();
  SpoolChange change;
  for (int i = 0; i < 2; ++i) {
    change.drops.push_back({.row = 0,
                            .route = {"telemetry"},
                            .sequence = {},
                            .records = kCountMax - 1,
                            .reason = DropReason::qos0_full,
                            .dropped = at(77)});
  }
  ASSERT_THAT(spool->commit(change), IsOk());
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("0:9223372036854775807:qos0_full"));
}

// --- the file, the threads -----------------------------------------------------------------------------------------

TEST_F(SpoolTest, TheFileShrinksAfterALongOutage) {
  options.bytes_max = 64 << 20;
  open();
  for (int i = 0; i < 24; ++i) must_commit(batch("telemetry", std::string(1 << 20, 'x')));
  for (const QueuedBatch& sent : pending("lake")) ASSERT_THAT(spool->confirm({"lake"}, sent.row), IsOk());
  for (int i = 0; i < 24; ++i) must_commit(batch("telemetry", std::string(100, 'x')));
  EXPECT_EQ(stats().batches, 24U);
  spool.reset();  // the last connection moves the WAL into the file
  EXPECT_LT(std::filesystem::file_size(options.path), 18U << 20);
}

TEST_F(SpoolTest, ManyThreadsCommitAndConfirmAtOnce) {
  open();
  std::vector<std::vector<SealedBatch>> chains(4);
  for (std::size_t route = 0; route < chains.size(); ++route) {
    for (int i = 0; i < 25; ++i) chains[route].push_back(batch("route" + std::to_string(route), "x"));
  }
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (const auto& chain : chains) {
    threads.emplace_back([&] {
      for (const SealedBatch& next : chain) failures += commit(next) ? 0 : 1;
    });
  }
  std::thread forwarder([&] {
    const auto beside = view();
    for (int confirmed = 0; confirmed < 50;) {
      const auto some = beside->pending_for({"lake"}, 5);
      if (!some) {
        ++failures;
        return;
      }
      for (const QueuedBatch& sent : *some) failures += spool->confirm({"lake"}, sent.row) ? 0 : 1;
      confirmed += static_cast<int>(some->size());
    }
  });
  for (std::thread& thread : threads) thread.join();
  forwarder.join();
  EXPECT_EQ(failures, 0);
  const SpoolStats held = stats();
  EXPECT_GE(held.batches, 46U);
  EXPECT_LE(held.batches, 50U);
  EXPECT_EQ(pending("lake").size(), held.batches);
  for (std::size_t route = 0; route < chains.size(); ++route) {
    EXPECT_EQ(spool->tip({"route" + std::to_string(route)})->sequence, Sequence{25});
  }
}

// --- subscriptions -------------------------------------------------------------------------------------------------

TEST_F(SpoolTest, RemembersTheSubscriptionsOfEachSource) {
  open();
  ASSERT_THAT(spool->set_subscriptions("north", {"plant/#", "alarms/+"}), IsOk());
  ASSERT_THAT(spool->set_subscriptions("south", {"sea/#"}), IsOk());
  ASSERT_THAT(spool->set_subscriptions("north", {"plant/#", "plant/#"}), IsOk());
  open();
  EXPECT_THAT(*spool->subscriptions("north"), ElementsAre("plant/#"));
  EXPECT_THAT(*spool->subscriptions("south"), ElementsAre("sea/#"));
  EXPECT_THAT(*spool->subscriptions("west"), IsEmpty());
}

// --- age, damage, sources ------------------------------------------------------------------------------------------

TEST_F(SpoolTest, ABatchThatIsTooOldExpires) {
  open();
  for (int i = 0; i < 4; ++i) must_commit(batch("telemetry", "x"));  // sealed at 1, 2, 3, 4
  must_commit(batch("alarms", "x"));
  EXPECT_THAT(spool->expire({"telemetry"}, {at(2), at(4)}, at(9)), ::testing::Optional(2U));
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1", "telemetry/4", "alarms/1")) << "1 is of a clock not yet set";
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("2:10:expired", "3:10:expired"));
  EXPECT_EQ(drops("telemetry").at(0).dropped, at(9));
  EXPECT_THAT(spool->expire({"telemetry"}, {at(2), at(4)}, at(9)), ::testing::Optional(0U));
  EXPECT_THAT(spool->expire({"nobody"}, {at(2), at(4)}, at(9)), ::testing::Optional(0U));
  EXPECT_EQ(stats().batches, 3U);
}

TEST_F(SpoolTest, ExpiryTakesItsTurnsOldestFirst) {
  open();
  SpoolChange many;
  for (std::uint64_t i = 0; i < Spool::kExpiredMax + 10; ++i) many.batches.push_back(batch("telemetry", "x"));
  ASSERT_THAT(spool->commit(many), IsOk());
  EXPECT_THAT(spool->expire({"telemetry"}, {at(0), at(1'000'000)}, at(9)), ::testing::Optional(Spool::kExpiredMax));
  EXPECT_THAT(names("lake", 1), ElementsAre("telemetry/" + std::to_string(Spool::kExpiredMax + 1)));
  EXPECT_THAT(spool->expire({"telemetry"}, {at(0), at(1'000'000)}, at(9)), ::testing::Optional(10U));
}

TEST_F(SpoolTest, ADamagedBatchBecomesADropOnce) {
  open();
  must_commit(batch("telemetry", "one"));
  must_commit(batch("telemetry", "two"));
  const std::int64_t row = pending("lake").at(0).row;
  for (int i = 0; i < 2; ++i) ASSERT_THAT(spool->drop_damaged(row), IsOk());
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/2"));
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("1:10:damaged"));
}

TEST_F(SpoolTest, ABatchReportsABoundedNumberOfDrops) {
  open();
  SpoolChange change;
  for (std::uint32_t i = 0; i < kDropsReportedMax + 5; ++i) {
    change.drops.push_back({.row = 0,
                            .route = {"telemetry"},
                            .sequence = {1 + i},
                            .records = i,
                            .reason = DropReason::qos0_full,
                            .dropped = at(1)});
  }
  ASSERT_THAT(spool->commit(change), IsOk());
  SealedBatch telling = batch("telemetry", "one");
  const auto handed_out = spool->hand_out_drops({"telemetry"});
  ASSERT_THAT(handed_out, IsOk());
  for (const DropRecord& drop : *handed_out) telling.drops_reported.push_back(drop.row);
  EXPECT_EQ(telling.drops_reported.size(), kDropsReportedMax);
  must_commit(telling);
  ASSERT_EQ(drops("telemetry").size(), 5U);
  EXPECT_EQ(drops("telemetry").at(0).records, kDropsReportedMax);
}

TEST_F(SpoolTest, RemembersASourcesBroker) {
  open();
  EXPECT_FALSE(spool->source_mark("plant")->session);
  EXPECT_FALSE(spool->source_mark("plant")->broker_dropped);
  const auto remember = [&](SourceMark mark) {
    SpoolChange change;
    change.marks = {std::move(mark)};
    ASSERT_THAT(spool->commit(change), IsOk());
  };
  remember({.source = "plant", .session = true, .broker_dropped = 5});
  remember({.source = "yard", .session = false, .broker_dropped = 1});
  remember({.source = "plant", .session = true, .broker_dropped = 7});
  remember({.source = "quay", .session = true});
  open();
  EXPECT_TRUE(spool->source_mark("plant")->session);
  EXPECT_EQ(spool->source_mark("plant")->broker_dropped, 7U);
  EXPECT_EQ(spool->source_mark("plant")->source, "plant");
  EXPECT_FALSE(spool->source_mark("yard")->session);
  EXPECT_TRUE(spool->source_mark("quay")->session);
  EXPECT_FALSE(spool->source_mark("quay")->broker_dropped);
}

// A promoted journal none of whose frames was sound.
TEST_F(SpoolTest, ABatchWithoutBytesEndsItsJournalAndIsPassedOver) {
  open();
  SealedBatch lost = batch("telemetry", "");
  ASSERT_THAT(spool->commit({.journals = {journal(lost)}, .frames = {frame(lost, "1")}, .batches = {}, .drops = {}}),
              IsOk());
  open();
  ASSERT_THAT(commit(lost), IsOk());
  EXPECT_THAT(*spool->leftover_journals(), IsEmpty());
  EXPECT_THAT(names("lake"), IsEmpty());
  EXPECT_THAT(drop_names("telemetry"), IsEmpty()) << "the change's own drops tell";
  must_commit(batch("telemetry", "two"));
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/2"));
}

}  // namespace
}  // namespace edgeseal::storage
