// SPDX-License-Identifier: GPL-3.0-or-later
// A spool that has seen some life, ways to break it, and what may be expected of it afterwards.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/frame_digest.h"
#include "storage/salvage/salvage.h"
#include "storage/salvage/salvage_files.h"
#include "storage/sqlite.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {

/// Stands in for SHA-256, and is quick without optimisation: FNV-1a over words of eight bytes.
inline Digest sum_of(ByteView bytes) {
  std::uint64_t sum = 0xcbf29ce484222325 + bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
    sum = std::rotl((sum ^ word) * 0x100000001b3, 29);
  }
  Digest digest;
  for (std::size_t at = 0; at < Digest::kSize; at += 8) {
    std::memcpy(digest.bytes.data() + at, &sum, 8);
    sum = std::rotl(sum * 0x100000001b3, 29);
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
    frame.digest = *frame_digest(sum_of(bytes), header(batch), test_hash);
    frame.bytes = std::move(bytes);
    return frame;
  }
  void must_commit_change(const SpoolChange& change) { ASSERT_THAT(spool->commit(change), IsOk()); }

  /// Batches of all sizes, some delivered, one quarantined; an open journal a route; a drop, a mark, a subscription.
  void live() {
    open();
    for (const std::size_t size : {100U, 2000U, 4000U, 9000U, 40'000U, 300'000U, 300U, 5000U}) {
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
    change.marks = {{.source = "plant", .session = true, .broker_dropped = 7}, {.source = "quay", .session = true}};
    change.drops = {{.row = 0,
                     .route = {"logs"},
                     .sequence = {2},
                     .records = 3,
                     .reason = DropReason::spool_full,
                     .dropped = at(9)}};
    for (const char* route : kRoutes) {
      const SealedBatch open_batch = next(route, 0);
      change.journals.push_back(journal(open_batch));
      for (const std::size_t size : {200U, 700U, 3000U, 10'000U}) {
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

  /// As the daemon does when any call has failed with Kind::corrupt.
  void salvage_now(const Error& why) {
    ASSERT_EQ(why.kind, Kind::corrupt) << why.message();
    ASSERT_FALSE(salvaged) << "salvaged, and corrupt again: " << why.message();
    spool.reset();
    auto report = salvage(options, random, at(1'000'000), test_hash);
    ASSERT_THAT(report, IsOk()) << why.message();
    salvaged = std::move(*report);
    auto opened = Spool::open(options, random);
    ASSERT_THAT(opened, IsOk()) << salvaged->text();
    spool = std::move(*opened);
  }

  /// Opens the spool as the daemon does: salvages it if it is corrupt, and takes out what does not match its digest.
  void open_whatever_it_takes() {
    salvaged.reset();
    auto opened = Spool::open(options, random);
    if (opened) {
      spool = std::move(*opened);
    } else {
      salvage_now(opened.error());
    }
    auto whole = read_all();
    if (!whole) {
      salvage_now(whole.error());
      whole = read_all();
    }
    ASSERT_THAT(whole, IsOk());
  }

  /// What is sound in the spool; takes out the batches that are not.
  Result<void> read_all() {
    found_batches.clear();
    found_frames.clear();
    newest_found.clear();
    auto db = Connection::open(options.path, Connection::Access::read, {});
    if (!db) return failed(db);
    std::vector<std::int64_t> damaged;
    {
      Query query = (*db)->use("SELECT batch_row, digest, object, route, sequence FROM batches");
      while (true) {
        auto row = query.next();
        if (!row) return failed(row);
        if (!*row) break;
        const auto digest = Digest::from(query.blob(1));
        if (!digest || sum_of(query.blob(2)) != *digest) {
          damaged.push_back(query.integer(0));
          continue;
        }
        EXPECT_TRUE(ever.contains(*digest)) << "an object that never went in";
        found_batches.insert(*digest);
        auto& newest = newest_found[query.text(3)];
        newest = std::max(newest, query.as<std::uint64_t>(4));
      }
    }
    db->reset();
    EXPECT_TRUE(damaged.empty() || !salvaged) << "salvage let a damaged object through";
    for (const std::int64_t row : damaged) {
      if (auto dropped = spool->drop_damaged(row); !dropped) return dropped;
    }
    const auto journals = spool->leftover_journals();
    if (!journals) return tl::unexpected<Error>(journals.error());
    for (const LeftoverJournal& journal : *journals) {
      for (const JournalFrame& one : journal.frames) {
        const bool sound = *proves(one.digest, sum_of(one.bytes), journal.start.shared_header, test_hash);
        EXPECT_TRUE(sound || !salvaged) << "salvage let a damaged frame through";
        if (sound) found_frames.insert(one.digest);
      }
    }
    return {};
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
