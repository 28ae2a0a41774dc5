// SPDX-License-Identifier: GPL-3.0-or-later
// A spool that has seen some life, ways to break it, and what may be expected of it afterwards.
#pragma once
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/salvage.h"
#include "storage/salvage_files.h"
#include "storage/sqlite.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {

/// Stands in for SHA-256: four FNV-1a sums, each begun with another byte.
inline Digest sum_of(ByteView bytes) {
  Digest digest;
  for (std::size_t lane = 0; lane < 4; ++lane) {
    std::uint64_t sum = 0xcbf29ce484222325 + lane;
    for (const std::uint8_t byte : bytes) sum = (sum ^ byte) * 0x100000001b3;
    for (std::size_t i = 0; i < 8; ++i) digest.bytes[lane * 8 + i] = static_cast<std::uint8_t>(sum >> (8 * i));
  }
  return digest;
}
inline Result<Digest> test_hash(ByteView bytes) { return sum_of(bytes); }

inline constexpr std::array<const char*, 3> kRoutes{"alarms", "telemetry", "logs"};

class SalvageTest : public SpoolTest {
 protected:
  void SetUp() override {
    SpoolTest::SetUp();
    options.bytes_max = 64 << 20;
  }

  Bytes random_bytes(std::size_t size) {
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(engine());
    return bytes;
  }

  /// The route's next batch, with an object of its own.
  SealedBatch next(const std::string& route, std::size_t size) {
    SealedBatch batch = this->batch(route, "");
    batch.object = random_bytes(size);
    batch.digest = sum_of(batch.object);
    if (size > 0) ever.insert(batch.digest);
    if (route == "telemetry") batch.sinks = {{"lake"}, {"stick"}};
    return batch;
  }
  static JournalFrame frame_of(const SealedBatch& batch, Bytes bytes) {
    JournalFrame frame = SpoolTest::frame(batch, "");
    frame.digest = sum_of(bytes);
    frame.bytes = std::move(bytes);
    return frame;
  }
  void must_commit_change(const SpoolChange& change) { ASSERT_THAT(spool->commit(change), IsOk()); }

  /// Batches of all sizes, some delivered, one quarantined; an open journal a route; a drop, a mark, a subscription.
  void live() {
    open();
    for (const std::size_t size : {100, 2000, 4000, 9000, 40'000, 300'000, 300, 5000}) {
      for (const char* route : kRoutes) {
        if (size == 300'000 && route != kRoutes[0]) continue;
        SealedBatch batch = next(route, size);
        must_commit_change({.journals = {journal(batch)},
                            .frames = {frame_of(batch, random_bytes(size / 2 + 50))},
                            .batches = {},
                            .drops = {}});
        batches[batch.digest] = batch;
        must_commit(batch);
      }
    }
    for (const QueuedBatch& queued : pending("lake")) {
      if (queued.sequence.number != 2 && queued.sequence.number != 4) continue;
      for (const char* sink : {"lake", "stick"}) ASSERT_THAT(spool->confirm({sink}, queued.row), IsOk());
      batches.erase(queued.digest);
    }
    ASSERT_THAT(spool->quarantine({"lake"}, pending("lake").front().row, "413 Too Large"), IsOk());
    SpoolChange change;
    change.marks = {{.source = "plant", .session = true, .broker_dropped = 7}};
    change.drops = {
        {.row = 0, .route = {"logs"}, .sequence = {2}, .records = 3, .reason = "spool_full", .dropped = at(9)}};
    for (const char* route : kRoutes) {
      const SealedBatch open_batch = next(route, 0);
      change.journals.push_back(journal(open_batch));
      for (const std::size_t size : {200, 700, 3000, 10'000}) {
        change.frames.push_back(frame_of(open_batch, random_bytes(size)));
        frames[change.frames.back().digest] = change.frames.back();
      }
    }
    must_commit_change(change);
    id = spool->id();
    for (const char* route : kRoutes) tips[route] = *spool->tip({route});
    // What a power cut could take as well: the last transaction is not missed.
    for (const char* filter : {"plant/#", "yard/#"}) {
      ASSERT_THAT(spool->set_subscriptions("plant", {filter}), IsOk());
    }
  }

  /// The files as a killed process leaves them, with a full log; or as a closed one does.
  void keep_files(bool with_wal) {
    if (!with_wal) spool.reset();
    db_bytes = test::read_file(options.path);
    wal_bytes = with_wal ? test::read_file(beside(options.path, "-wal")) : "";
    spool.reset();
  }
  /// Puts other files in the place of all that is there.
  void put_files(const std::string& db, const std::string& wal) const {
    for (const char* ending : {"-wal", "-shm", ".damaged", ".damaged-wal", ".salvage", ".salvaged"}) {
      std::filesystem::remove(beside(options.path, ending));
    }
    folder.write("spool.db", db);
    if (!wal.empty()) folder.write("spool.db-wal", wal);
  }

  /// Opens the spool as the daemon does: salvages it if it is corrupt, and takes out what does not match its digest.
  void open_whatever_it_takes() {
    salvaged.reset();
    auto opened = Spool::open(options, random);
    if (!opened && opened.error().kind == Kind::corrupt) {
      auto report = salvage(options, random, at(1'000'000), test_hash);
      ASSERT_THAT(report, IsOk()) << opened.error().message();
      salvaged = *report;
      opened = Spool::open(options, random);
    }
    ASSERT_THAT(opened, IsOk());
    spool = std::move(*opened);
    found_batches.clear();
    found_frames.clear();
    auto db = Connection::open(options.path, Connection::Access::read, {});
    ASSERT_THAT(db, IsOk());
    std::vector<std::int64_t> damaged;
    {
      Query query = (*db)->use("SELECT batch_row, digest, object, route, sequence FROM batches");
      while (true) {
        auto row = query.next();
        ASSERT_THAT(row, IsOk());
        if (!*row) break;
        const Digest digest = *Digest::from(query.blob(1));
        if (sum_of(query.blob(2)) != digest) {
          ASSERT_FALSE(salvaged) << "salvage let a damaged object through";
          damaged.push_back(query.integer(0));
          continue;
        }
        ASSERT_TRUE(ever.contains(digest)) << "an object that never went in";
        found_batches.insert(digest);
        auto& newest = newest_found[query.text(3)];
        newest = std::max(newest, query.as<std::uint64_t>(4));
      }
    }
    for (const std::int64_t row : damaged) ASSERT_THAT(spool->drop_damaged(row), IsOk());
    const auto journals = spool->leftover_journals();
    ASSERT_THAT(journals, IsOk());
    for (const LeftoverJournal& journal : *journals) {
      EXPECT_EQ(journal.start.sequence, spool->tip(journal.start.route)->sequence.next());
      for (const JournalFrame& one : journal.frames) {
        if (sum_of(one.bytes) == one.digest) {
          found_frames.insert(one.digest);
        } else {
          ASSERT_FALSE(salvaged) << "salvage let a damaged frame through";
        }
      }
    }
  }

  std::mt19937_64 engine{11};
  std::map<Digest, SealedBatch> batches;  ///< that must be in the spool
  std::set<Digest> ever;                  ///< batches that were, delivered ones included
  std::map<Digest, JournalFrame> frames;  ///< that must be in the spool
  std::map<std::string, ChainTip> tips;
  SpoolId id;
  std::string db_bytes;
  std::string wal_bytes;
  std::optional<SalvageReport> salvaged;
  std::set<Digest> found_batches;
  std::set<Digest> found_frames;
  std::map<std::string, std::uint64_t> newest_found;
};

}  // namespace edgeseal::storage
