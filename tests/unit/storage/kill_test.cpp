// SPDX-License-Identifier: GPL-3.0-or-later
// A process that dies by SIGKILL in the middle of committing has lost nothing that it had reported as committed.
#include <array>
#include <cstdint>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

constexpr std::uint64_t kFramesABatch = 3;

/// How far a chain has come: so many batches closed, so many frames in the journal of the next.
struct Progress {
  std::uint64_t closed = 0;
  std::uint64_t frames = 0;
  bool operator==(const Progress&) const = default;
  [[nodiscard]] Progress after_one_commit() const {
    return frames < kFramesABatch ? Progress{closed, frames + 1} : Progress{closed + 1, 0};
  }
};
void PrintTo(const Progress& progress, std::ostream* out) { *out << progress.closed << '+' << progress.frames; }

class KillTest : public SpoolTest {
 protected:
  /// Goes on where the file stops: commits the frames of each batch one by one, then the batch, and writes its progress
  /// to `report` after each commit. Never returns.
  [[noreturn]] void commit_until_killed(int report) {
    auto opened = Spool::open(options, random);
    if (!opened) ::_exit(2);
    spool = std::move(*opened);
    const auto leftovers = spool->leftover_journals();
    if (!leftovers) ::_exit(3);
    for (const LeftoverJournal& left : *leftovers) {
      if (!commit(batch_of(left.start.sequence.number, left.frames.size()))) ::_exit(4);
    }
    Progress progress{.closed = spool->tip({"telemetry"})->sequence.number, .frames = 0};
    while (true) {
      const SealedBatch next = batch_of(progress.closed + 1, kFramesABatch);
      SpoolChange change;
      if (progress.frames == 0) change.journals = {journal(next)};
      if (progress.frames < kFramesABatch)
        change.frames = {frame(next, content(next.sequence.number, progress.frames))};
      if (progress.frames == kFramesABatch) change.batches = {next};
      if (!spool->commit(change)) ::_exit(5);
      progress = progress.after_one_commit();
      if (::write(report, &progress, sizeof progress) != sizeof progress) ::_exit(6);
    }
  }

  static std::string content(std::uint64_t number, std::uint64_t i) {
    return std::to_string(number) + "." + std::to_string(i) + std::string(3000, '.') + "\n";
  }
  static SealedBatch batch_of(std::uint64_t number, std::size_t frames) {
    std::string object;
    for (std::uint64_t i = 0; i < frames; ++i) object += content(number, i);
    return {.route = {"telemetry"},
            .sequence = {number},
            .id = batch_id("telemetry", number),
            .digest = digest_of(object),
            .object = bytes_of(object),
            .records = static_cast<std::uint32_t>(frames),
            .sealed = at(static_cast<std::int64_t>(number)),
            .sinks = {{"lake"}},
            .drops_reported = {}};
  }

  /// Runs a child until it has reported `commits`, kills it, and returns the last progress that it had reported.
  Progress run_and_kill(int commits) {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      commit_until_killed(pipe[1]);
    }
    ::close(pipe[1]);
    Progress last;
    while (commits > 0 && ::read(pipe[0], &last, sizeof last) == sizeof last) --commits;
    EXPECT_EQ(commits, 0);
    ::kill(child, SIGKILL);
    while (::read(pipe[0], &last, sizeof last) == sizeof last) continue;
    ::close(pipe[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself, status " << status;
    return last;
  }
};

TEST_F(KillTest, LosesNothingThatWasReported) {
  options.bytes_max = 64 << 20;
  for (const int commits : {1, 2, 3, 4, 5, 7, 40, 41, 42, 43, 400, 401}) {
    const Progress reported = run_and_kill(commits);

    open();
    const auto leftovers = spool->leftover_journals();
    ASSERT_THAT(leftovers, IsOk());
    ASSERT_LE(leftovers->size(), 1U);
    const Progress found{.closed = spool->tip({"telemetry"})->sequence.number,
                         .frames = leftovers->empty() ? 0 : leftovers->front().frames.size()};
    // The commit that was under way may have become durable too: all of it or nothing.
    EXPECT_THAT(found, ::testing::AnyOf(reported, reported.after_one_commit()));
    for (std::uint64_t i = 0; i < found.frames; ++i) {
      EXPECT_EQ(leftovers->front().frames[i].bytes, bytes_of(content(found.closed + 1, i)));
    }
    const auto beside = view();
    const auto queued = pending("lake");
    ASSERT_EQ(queued.size(), found.closed) << "no batch of the chain is missing";
    for (const QueuedBatch& one : queued) {
      const SealedBatch expected = batch_of(one.sequence.number, one.records);
      ASSERT_EQ(*beside->object(one.row), expected.object);
      ASSERT_EQ(one.digest, expected.digest);
    }
    spool.reset();
  }
}

}  // namespace
}  // namespace edgeseal::storage
