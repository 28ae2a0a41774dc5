// SPDX-License-Identifier: GPL-3.0-or-later
// The power fails at any moment of a spool's life: all that a call promised is there afterwards, and nothing else is.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/sqlite.h"
#include "tests/simulation/spool_story.h"
#include "tests/support/matchers.h"
#include "tests/support/sanitized.h"

namespace edgeseal::test {
namespace {

storage::SpoolOptions options() {
  storage::SpoolOptions options;
  options.path = "/spool/spool.db";
  options.bytes_max = 256 << 10;
  return options;
}

/// The disk at one moment of a step.
struct Cut {
  SimDisk disk;
  std::uint64_t moment;
};

/// What the spool may hold after a cut: the step that was under way has happened wholly, or not at all.
struct Allowed {
  SpoolState before;
  SpoolState after;
  std::optional<SpoolId> id;  ///< nothing while the file is being made
};

/// Opens what a cut has left, in whatever state that is; returns what is wrong with it, or nothing.
std::string complaint_about(SimVfs& vfs, const Allowed& allowed) {
  storage::SpoolOptions opened_with = options();
  opened_with.vfs = vfs.name();
  SeededRandom random(1);
  const auto spool = storage::Spool::open(opened_with, random);
  if (!spool) return "it does not open: " + spool.error().message();
  if (allowed.id && (*spool)->id() != *allowed.id) return "it is a new spool";
  {
    const auto db = storage::Connection::open(opened_with.path, storage::Connection::Access::read, vfs.name());
    if (!db) return "no second connection: " + db.error().message();
    auto check = (*db)->use("PRAGMA integrity_check");
    if (!check.next().value_or(false)) return "no integrity check";
    if (check.text(0) != "ok") return "integrity check: " + check.text(0);
  }
  const auto view = storage::SpoolView::open(opened_with.path, vfs.name());
  if (!view) return "no view: " + view.error().message();
  const auto found = read_state(**spool, **view, SpoolStory::routes(), SpoolStory::sinks());
  if (!found) return "it does not read: " + found.error().message();
  if (*found == allowed.before || *found == allowed.after) return {};
  return "not as before: " + difference(allowed.before, *found) +
         "; not as after: " + difference(allowed.after, *found);
}

/// Cuts the power of a copy. Now and then the power goes again while the spool is being opened.
std::string complaint_about(const Cut& cut, std::uint64_t seed, const Allowed& allowed) {
  SimVfs vfs("cut", cut.disk, seed);
  std::mt19937_64 random(seed);
  vfs.cut_power();
  vfs.start();
  if (random() % 4 == 0) {
    constexpr std::uint64_t kMomentsOfOpening = 60;
    std::uint64_t left = random() % kMomentsOfOpening;
    vfs.set_hook([&](const SimVfs::Moment&) { return left-- == 0 ? SimVfs::Fate::cut : SimVfs::Fate::proceed; });
    (void)complaint_about(vfs, allowed);
    vfs.set_hook(nullptr);
    vfs.start();
  }
  return complaint_about(vfs, allowed);
}

/// The process dies at the cut, and the power goes once the next one has opened the spool and looked at it: by then a
/// sink may hold what it saw.
std::string complaint_about_what_is_seen(const Cut& cut, std::uint64_t seed, const Allowed& allowed) {
  SimVfs vfs("killed", cut.disk, seed);
  storage::SpoolOptions opened_with = options();
  opened_with.vfs = vfs.name();
  SeededRandom random(1);
  SpoolState seen;
  {
    const auto spool = storage::Spool::open(opened_with, random);
    if (!spool) return "it does not open: " + spool.error().message();
    vfs.disk().sync_names();
    const auto view = storage::SpoolView::open(opened_with.path, vfs.name());
    const auto state = read_state(**spool, **view, SpoolStory::routes(), SpoolStory::sinks());
    if (!state) return "it does not read: " + state.error().message();
    seen = *state;
    vfs.cut_power();
  }
  vfs.start();
  return complaint_about(vfs, {.before = seen, .after = seen, .id = allowed.id});
}

struct Tally {
  std::uint64_t syncs = 0;   ///< points before and after each sync
  std::uint64_t writes = 0;  ///< points at writes
  std::uint64_t losses = 0;
  std::vector<std::string> complaints;
};

enum class Flaw { none, lying_disk };

/// Runs a story and tries cuts at each sync, before and after it, and at one in `writes_one_in` writes. Under
/// sanitizers only in one step in kOneIn.
void run(std::uint64_t seed, int steps, unsigned writes_one_in, Flaw flaw, Tally& tally) {
  SimVfs vfs("story", SimDisk(), seed);
  vfs.set_lying(flaw == Flaw::lying_disk);
  SpoolStory story(vfs, options(), seed);
  std::mt19937_64 random(seed);
  std::vector<Cut> cuts;
  std::uint64_t moment = 0;
  bool tried = true;
  vfs.set_hook([&](const SimVfs::Moment& at) {
    ++moment;
    if (!tried) return SimVfs::Fate::proceed;
    const bool sync = at.access == SimVfs::Access::sync;
    const bool write = at.access == SimVfs::Access::write && at.done && random() % writes_one_in == 0;
    if (sync || write) cuts.push_back({vfs.disk(), moment});
    if (sync) ++tally.syncs;
    if (write) ++tally.writes;
    return SimVfs::Fate::proceed;
  });
  for (int step = 0; step < steps; ++step) {
    tried = (seed + static_cast<unsigned>(step)) % kOneIn == 0;
    Allowed allowed{.before = story.acknowledged(), .after = {}, .id = story.id()};
    story.step();
    allowed.after = story.acknowledged();
    if (!tried) continue;
    // Between two calls too.
    cuts.push_back({vfs.disk(), moment});
    for (const Cut& cut : cuts) {
      std::string complaint = complaint_about(cut, seed + cut.moment, allowed);
      if (complaint.empty() && flaw == Flaw::none && cut.moment % 2 == 0) {
        complaint = complaint_about_what_is_seen(cut, seed + cut.moment, allowed);
      }
      if (complaint.empty()) continue;
      ++tally.losses;
      tally.complaints.push_back("seed " + std::to_string(seed) + ", step " + std::to_string(step) + ", moment " +
                                 std::to_string(cut.moment) + ": " + complaint);
    }
    cuts.clear();
  }
}

// Goal: acknowledged means durable, at every point where the power can go.
TEST(PowerCutTest, LeavesWhatWasPromisedAndNothingElse) {
  constexpr std::uint64_t kPointsMin = kOneIn == 1 ? 2000 : 200;
  constexpr std::uint64_t kSeeds = 16;
  Tally tally;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) run(seed, 40, 20, Flaw::none, tally);
  std::cout << tally.syncs << " cuts at syncs and " << tally.writes << " at writes were tried\n";
  EXPECT_THAT(tally.complaints, ::testing::IsEmpty());
  EXPECT_GE(tally.syncs + tally.writes, kPointsMin);
  EXPECT_GT(tally.writes, kSeeds / kOneIn);
}

// A file of megabytes: the write-ahead log reaches its checkpoint while the spool is open.
TEST(PowerCutTest, LeavesWhatWasPromisedWhileTheLogMovesIntoTheFile) {
  Tally tally;
  run(101, 400, 100, Flaw::none, tally);
  std::cout << tally.syncs << " cuts at syncs and " << tally.writes << " at writes were tried\n";
  EXPECT_THAT(tally.complaints, ::testing::IsEmpty());
}

// The test can fail: a disk that only says that it syncs loses what was promised.
TEST(PowerCutTest, FindsTheLossesOfADiskThatLies) {
  Tally tally;
  run(1, 40, 20, Flaw::lying_disk, tally);
  std::cout << tally.losses << " losses were found\n";
  EXPECT_GT(tally.losses, 20U / kOneIn);
}

}  // namespace
}  // namespace edgeseal::test
