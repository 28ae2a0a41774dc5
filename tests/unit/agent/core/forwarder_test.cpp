// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/forwarder.h"

#include <deque>
#include <fstream>

#include "storage/sqlite.h"
#include "tests/support/flipped_bits.h"
#include "tests/unit/agent/core/world.h"

namespace edgeseal::test {
namespace {

using agent::Forwarder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Answers as scripted, then accepts; remembers what it was given.
class ScriptedSink final : public transport::Sink {
 public:
  Result<void> deliver(const transport::SealedObject& object) override {
    asked.push_back(object.sequence.number);
    if (doubts_all || doubted == object.sequence.number) return fail(Kind::batch_doubtful, "BadDigest");
    if (answers.empty()) return {};
    Error answer = answers.front();
    answers.pop_front();
    return tl::unexpected(answer);
  }
  [[nodiscard]] bool renewed() const override { return has_renewed; }
  std::deque<Error> answers;
  std::vector<std::uint64_t> asked;
  std::uint64_t doubted = 0;  ///< each time
  bool doubts_all = false;
  bool has_renewed = false;
};

Error error(Kind kind, std::optional<int> retry_after_ms = std::nullopt) {
  return {kind, "the sink says no", "", "", retry_after_ms};
}

class ForwarderTest : public ::testing::Test {
 protected:
  void queue(int batches) {
    for (int i = 0; i < batches; ++i) {
      world.deliver("plant/1", "x");
      world.close();
    }
    view = storage::SpoolView::open(world.spool_options().path).value();
    forwarder = std::make_unique<Forwarder>("truck-017", SinkName{"out"}, agent::BackoffOptions{1s, 300s}, sink,
                                            world.spool(), *view, random, world.notes);
  }
  bool step() {
    auto moved = forwarder->step(world.clock.now(), world.clock);
    EXPECT_THAT(moved, IsOk());
    return moved && *moved;
  }
  World world;
  ScriptedSink sink;
  SeededRandom random{1};
  std::unique_ptr<storage::SpoolView> view;
  std::unique_ptr<Forwarder> forwarder;
};

TEST_F(ForwarderTest, DoesNotSendWhatTheDiskHasAlteredAndRecordsIt) {
  queue(2);
  {
    auto db = storage::Connection::open(world.spool_path(), storage::Connection::Access::write, {}).value();
    ASSERT_THAT(db->run_script("UPDATE batches SET object = zeroblob(bytes) WHERE sequence = 1"), IsOk());
  }
  while (step()) {
  }
  EXPECT_THAT(sink.asked, ElementsAre(2));
  EXPECT_THAT(world.notes.lost, ElementsAre("telemetry damaged 1"));
  const auto drops = world.spool().unreported_drops({"telemetry"}).value();
  ASSERT_THAT(drops, SizeIs(1));
  EXPECT_EQ(drops[0].sequence.number, 1U);
  EXPECT_EQ(drops[0].reason, storage::DropReason::damaged);
}

TEST_F(ForwarderTest, EveryByteOfTheDigestCounts) {
  queue(Digest::kSize);
  {
    auto db = storage::Connection::open(world.spool_path(), storage::Connection::Access::write, {}).value();
    for (const storage::QueuedBatch& batch : world.waiting()) {
      const Bytes other = with_flipped_bit(batch.digest.view(), 8 * (batch.sequence.number - 1));
      ASSERT_THAT(db->run_script("UPDATE batches SET digest = x'" + to_hex(other) +
                                 "' WHERE batch_row = " + std::to_string(batch.row)),
                  IsOk());
    }
  }
  while (step()) {
  }
  EXPECT_THAT(sink.asked, IsEmpty());
  EXPECT_THAT(world.notes.lost, SizeIs(Digest::kSize));
}

// Memory has moods: what was read wrongly once may be whole on the disk.
TEST_F(ForwarderTest, ReadsABatchThatSeemsAlteredOnceMoreFromTheDisk) {
  queue(1);
  const storage::QueuedBatch batch = world.waiting().front();
  const Bytes object = world.object(batch);
  const std::string wal = world.spool_path().string() + "-wal";
  const std::string before = read_file(wal);
  std::fstream file(wal, std::ios::in | std::ios::out | std::ios::binary);
  const auto put_at_each_copy = [&](char letter) {
    const std::string_view text = as_text(object);
    for (std::size_t at = before.find(text); at != std::string::npos; at = before.find(text, at + 1)) {
      file.seekp(static_cast<std::streamoff>(at + text.size() - 1)).put(letter);
    }
    file.flush();
  };
  const char last = static_cast<char>(object.back());
  put_at_each_copy(static_cast<char>(last ^ 1));
  ASSERT_NE(view->object(batch.row).value(), object) << "which the view's connection keeps in its memory";
  put_at_each_copy(last);
  EXPECT_TRUE(step());
  EXPECT_THAT(sink.asked, ElementsAre(1));
  EXPECT_THAT(world.notes.delivered, ElementsAre(1));
  EXPECT_THAT(world.notes.lost, IsEmpty());
}

TEST_F(ForwarderTest, DeliversInOrderAndForgetsWhatWasConfirmed) {
  queue(3);
  while (step()) {
  }
  EXPECT_THAT(sink.asked, ElementsAre(1, 2, 3));
  EXPECT_THAT(world.notes.delivered, ElementsAre(1, 2, 3));
  EXPECT_EQ(world.stats().bytes, 0U);
  EXPECT_FALSE(forwarder->next_deadline().has_value()) << "only a new batch brings work";
}

TEST_F(ForwarderTest, KeepsTheBatchAndWaitsWhileTheSinkIsUnreachable) {
  queue(2);
  sink.answers = {error(Kind::transient), error(Kind::transient)};
  EXPECT_FALSE(step());
  ASSERT_TRUE(forwarder->next_deadline().has_value());
  EXPECT_LE(*forwarder->next_deadline(), world.clock.now().monotonic + 1s);
  world.clock.advance(1s);
  EXPECT_FALSE(step());
  EXPECT_LE(*forwarder->next_deadline(), world.clock.now().monotonic + 2s);
  world.clock.advance(2s);
  while (step()) {
  }
  EXPECT_THAT(sink.asked, ElementsAre(1, 1, 1, 2));
  EXPECT_THAT(world.waiting(), IsEmpty());
}

TEST_F(ForwarderTest, BeginsWithAShortWaitAgainAfterASuccess) {
  queue(2);
  const std::size_t failures = 8;
  sink.answers.assign(failures, error(Kind::transient));
  for (std::size_t i = 0; i < failures; ++i) {
    EXPECT_FALSE(step());
    world.clock.advance(300s);
  }
  EXPECT_TRUE(step());
  for (int i = 0; i < 3; ++i) {  // whatever is drawn
    sink.answers = {error(Kind::transient)};
    EXPECT_FALSE(step());
    EXPECT_LE(*forwarder->next_deadline(), world.clock.now().monotonic + 1s * (1 << i));
    world.clock.advance(300s);
  }
}

TEST_F(ForwarderTest, DoesNotAskBeforeTheWaitIsOver) {
  queue(1);
  sink.answers = {error(Kind::sink_refused)};
  EXPECT_FALSE(step());
  world.clock.advance(299s);
  EXPECT_FALSE(step());
  EXPECT_THAT(sink.asked, SizeIs(1));
  world.clock.advance(1s);
  EXPECT_TRUE(step()) << "paused for the longest wait";
}

TEST_F(ForwarderTest, QuarantinesARefusedBatchAndGoesOnWithTheOthers) {
  queue(3);
  sink.answers = {error(Kind::batch_refused)};
  while (step()) {
  }
  EXPECT_THAT(sink.asked, ElementsAre(1, 2, 3));
  EXPECT_THAT(world.notes.quarantined, ElementsAre(HasSubstr("the sink says no")));
  EXPECT_EQ(world.stats().batches, 1U) << "the refused one is kept";
}

// A digest that did not fit on arrival may fit the next time: memory and links have moods.
TEST_F(ForwarderTest, SendsADoubtfulBatchAgainWhileTheOthersGoOn) {
  queue(3);
  sink.answers = {error(Kind::batch_doubtful)};
  while (step()) {
  }
  EXPECT_THAT(sink.asked, ElementsAre(1, 2, 3));
  ASSERT_TRUE(forwarder->next_deadline().has_value());
  world.clock.advance(300s);
  while (step()) {
  }
  EXPECT_THAT(sink.asked, ElementsAre(1, 2, 3, 1));
  EXPECT_THAT(world.notes.quarantined, IsEmpty());
  EXPECT_EQ(world.stats().batches, 0U);
}

TEST_F(ForwarderTest, QuarantinesABatchThatStaysDoubtful) {
  queue(2);
  sink.doubted = 1;
  for (int round = 0; round < 10; ++round) {
    while (step()) {
    }
    world.clock.advance(300s);
  }
  EXPECT_THAT(world.notes.quarantined, SizeIs(1));
  EXPECT_THAT(sink.asked, ElementsAre(1, 2, 1, 1, 1, 1)) << "the other went at once";
  EXPECT_EQ(world.stats().batches, 1U) << "the refused one is kept";
}

// More are no fault of the batches.
TEST_F(ForwarderTest, WaitsForASinkThatDoubtsThemAll) {
  queue(40);
  sink.doubts_all = true;
  while (step()) {
  }
  EXPECT_THAT(sink.asked, SizeIs(33));
  EXPECT_FALSE(step());
  EXPECT_THAT(sink.asked, SizeIs(33)) << "it waits now";
  EXPECT_THAT(world.notes.quarantined, IsEmpty());
}

// Its time for another try must not stay behind: the forwarding thread would wake for it without end.
TEST_F(ForwarderTest, ForgetsADoubtfulBatchThatTheSpoolHasDropped) {
  queue(1);
  sink.doubted = 1;
  while (step()) {
  }
  ASSERT_TRUE(forwarder->next_deadline().has_value());
  ASSERT_THAT(world.spool().drop_damaged(world.waiting().front().row), IsOk());
  world.clock.advance(300s);
  EXPECT_FALSE(step());
  EXPECT_FALSE(forwarder->next_deadline().has_value());
  EXPECT_THAT(sink.asked, ElementsAre(1));
}

TEST_F(ForwarderTest, EndsAPauseWhenTheSinkHasWhatItLacked) {
  queue(1);
  sink.answers = {error(Kind::unauthorised)};
  EXPECT_FALSE(step());
  for (int second = 0; second < 10; ++second) {
    ASSERT_LE(*forwarder->next_deadline(), world.clock.now().monotonic + 1s) << "it looks each second";
    world.clock.advance(1s);
    EXPECT_FALSE(step());
  }
  EXPECT_THAT(sink.asked, SizeIs(1));
  sink.has_renewed = true;
  world.clock.advance(1s);
  EXPECT_TRUE(step());
  EXPECT_THAT(sink.asked, ElementsAre(1, 1));
}

TEST_F(ForwarderTest, LooksForNothingNewWhileTheSinkIsMerelyAway) {
  queue(1);
  sink.answers = {error(Kind::overloaded, 60'000)};
  sink.has_renewed = true;
  EXPECT_FALSE(step());
  world.clock.advance(30s);
  EXPECT_FALSE(step());
  EXPECT_THAT(sink.asked, SizeIs(1));
}

// The cloud has the batch, the spool is locked: what is delivered must not be sent again each second.
TEST_F(ForwarderTest, KeepsAConfirmationThatTheSpoolCannotWriteYet) {
  queue(2);
  auto other = storage::Connection::open(world.spool_path(), storage::Connection::Access::write, {}).value();
  ASSERT_THAT(other->run_script("BEGIN IMMEDIATE"), IsOk());
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(step());
    ASSERT_TRUE(forwarder->next_deadline().has_value());
    EXPECT_GE(*forwarder->next_deadline(), world.clock.now().monotonic);
    world.clock.advance(300s);
  }
  EXPECT_THAT(sink.asked, ElementsAre(1)) << "sent once, confirmed later";
  EXPECT_THAT(world.notes.spool_refused, SizeIs(3));
  EXPECT_THAT(world.notes.delivered, IsEmpty());
  ASSERT_THAT(other->run_script("ROLLBACK"), IsOk());
  while (step()) {
  }
  EXPECT_THAT(sink.asked, ElementsAre(1, 2));
  EXPECT_THAT(world.notes.delivered, ElementsAre(1, 2));
  EXPECT_EQ(world.stats().batches, 0U);
}

TEST_F(ForwarderTest, BeginsWithAShortWaitAgainOnceTheSpoolHasAnswered) {
  queue(2);
  auto other = storage::Connection::open(world.spool_path(), storage::Connection::Access::write, {}).value();
  ASSERT_THAT(other->run_script("BEGIN IMMEDIATE"), IsOk());
  for (int i = 0; i < 6; ++i) {
    EXPECT_FALSE(step());
    world.clock.advance(300s);
  }
  ASSERT_THAT(other->run_script("ROLLBACK"), IsOk());
  EXPECT_TRUE(step());
  ASSERT_THAT(other->run_script("BEGIN IMMEDIATE"), IsOk());
  EXPECT_FALSE(step());
  EXPECT_LE(*forwarder->next_deadline(), world.clock.now().monotonic + 1s);
}

TEST_F(ForwarderTest, EndsWhenNoLaterTryCouldNoteAnAttempt) {
  queue(1);
  {
    auto db = storage::Connection::open(world.spool_path(), storage::Connection::Access::write, {}).value();
    const char* refuse = "CREATE TRIGGER no BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'no'); END";
    ASSERT_THAT(db->run_script(refuse), IsOk());
  }
  sink.answers = {error(Kind::transient)};
  EXPECT_THAT(forwarder->step(world.clock.now(), world.clock), Fails(Kind::corrupt));
}

TEST_F(ForwarderTest, KeepsAQuarantineThatTheSpoolCannotWriteYet) {
  queue(1);
  sink.answers = {error(Kind::batch_refused)};
  auto other = storage::Connection::open(world.spool_path(), storage::Connection::Access::write, {}).value();
  ASSERT_THAT(other->run_script("BEGIN IMMEDIATE"), IsOk());
  EXPECT_FALSE(step());
  ASSERT_THAT(other->run_script("ROLLBACK"), IsOk());
  world.clock.advance(300s);
  while (step()) {
  }
  EXPECT_THAT(sink.asked, ElementsAre(1));
  EXPECT_THAT(world.notes.quarantined, SizeIs(1));
}

TEST_F(ForwarderTest, WaitsAsLongAsAnOverloadedSinkAsks) {
  queue(1);
  sink.answers = {error(Kind::overloaded, 20'000)};
  EXPECT_FALSE(step());
  EXPECT_EQ(*forwarder->next_deadline(), world.clock.now().monotonic + 20s);
  world.clock.advance(20s);
  sink.answers = {error(Kind::overloaded, 3'600'000)};
  EXPECT_FALSE(step());
  EXPECT_EQ(*forwarder->next_deadline(), world.clock.now().monotonic + 300s) << "but no longer than the longest";
}

}  // namespace
}  // namespace edgeseal::test
