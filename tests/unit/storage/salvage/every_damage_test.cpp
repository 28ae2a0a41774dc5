// SPDX-License-Identifier: GPL-3.0-or-later
// One byte of a spool's files is damaged: at every place that steers how they are read, and at a share of all others.
// What does not lie on that page is kept, what was delivered keeps its name, and whatever is lost is told.
// EDGESEAL_EVERY_BYTE=1 takes every byte with every mask: millions of damages instead of tens of thousands.
#include <cstdlib>
#include <fstream>

#include "storage/salvage/found_rows.h"
#include "storage/salvage/row_shapes.h"
#include "tests/support/sanitized.h"
#include "tests/unit/storage/salvage/pages_of_rows.h"
#include "tests/unit/storage/salvage/salvage_fixture.h"

namespace edgeseal::storage {
namespace {

constexpr std::array<char, 3> kMasks{'\x01', '\x80', '\xff'};
// Of a page: its header and its first cell pointers, or the header of the file; and what more a trunk, a pointer map
// and the longest list of cells have here.
constexpr std::uint64_t kHeaderSize = 24;
constexpr std::uint64_t kSteeringSize = 120;
// Prime to the size of pages, so that each has its share at other places.
constexpr std::uint64_t kStride = 251;

/// What of a scan's findings counts.
struct Findings {
  std::set<Digest> batches;
  std::set<Digest> frames;      ///< those whose journal was found
  std::set<std::string> names;  ///< of routes, and filters that were subscribed to
  std::set<std::string> stale;  ///< names of delivered batches that came back
  bool id = false;
  bool tips = true;            ///< no chain was set back
  std::uint64_t unproved = 0;  ///< frames
  bool told = false;           ///< that something was damaged, whatever it was
};

std::string name_of(const RouteName& route, Sequence sequence, const BatchId& id) {
  return route.text + "/" + std::to_string(sequence.number) + "/" + id.hex();
}

class EveryDamageTest : public SalvageTest {
 protected:
  /// Some batches in the file and some pages free. Then, in the log: deliveries that free more of them, and large
  /// transactions that use their room, the second of which the log may end with.
  void live_on_free_pages(bool killed, bool large_last = false) {
    open();
    for (const std::size_t size : {100U, 3000U, 9000U, 20'000U}) {
      for (const char* route : {"alarms", "telemetry"}) keep(next(route, size));
    }
    deliver("alarms", 3);
    open();  // the log is emptied into the file
    deliver("telemetry", 4);
    deliver("telemetry", 2);
    deliver("alarms", 4);
    // The log's last change of a tip, so that damage to it leaves an older one.
    for (const char* route : {"alarms", "telemetry"}) keep(next(route, 6000));
    open_journals();
    add_frames({300, 5000});
    ASSERT_THAT(spool->set_subscriptions("plant", {"yard/#"}), IsOk());
    add_frames({900, 4000, 12'000});
    if (!large_last) add_frames({200});
    id = spool->id();
    for (const char* route : {"alarms", "telemetry"}) tips[route] = *spool->tip({route});
    keep_files(killed);
    put_files(db_bytes, wal_bytes);
    learn_pages();
  }
  void keep(const SealedBatch& batch) {
    batches[batch.digest] = batch;
    ever_named.insert(name_of(batch.route, batch.sequence, batch.id));
    must_commit(batch);
  }
  void deliver(const std::string& route, std::uint64_t sequence) {
    for (const QueuedBatch& queued : pending("lake")) {
      if (queued.route.text != route || queued.sequence.number != sequence) continue;
      for (const SinkName& sink : batches[queued.digest].sinks) ASSERT_THAT(spool->confirm(sink, queued.row), IsOk());
      batches.erase(queued.digest);
    }
  }
  void open_journals() {
    SpoolChange change;
    for (const char* route : {"alarms", "telemetry"}) {
      open_batches.push_back(next(route, 0));
      change.journals.push_back(journal(open_batches.back()));
    }
    must_commit_change(change);
  }
  void add_frames(const std::vector<std::size_t>& sizes) {
    SpoolChange change;
    for (const SealedBatch& batch : open_batches) {
      for (const std::size_t size : sizes) {
        change.frames.push_back(frame_of(batch, random_bytes(size)));
        frames[change.frames.back().digest] = change.frames.back();
      }
    }
    must_commit_change(change);
  }

  /// The pages that each row needs: its own, its chain's, and of a frame its journal's.
  void learn_pages() {
    const std::filesystem::path wal = beside(options.path, "-wal");
    const RawPages pages(options.path, wal);
    const PagesOfRows places(options.path, wal);
    const auto found = find_rows(pages, test_hash);
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(found->pages_damaged, 0U) << "a false alarm";
    std::map<BatchId, std::uint32_t> page_of_journal;
    PageScan(pages).each_row(Overlay::sound, [&](const RawRow& row) {
      if (!has_shape(row, shape::kJournals)) return;
      if (const auto batch = BatchId::from(row.fields[3].bytes)) page_of_journal[*batch] = row.place.page;
    });
    for (const auto& [key, batch] : found->batches) {
      const Digest& digest = batch.head.digest;
      ASSERT_TRUE(batches.contains(digest));
      needs[digest] = places.chain_of(batches[digest].object);
      needs[digest].insert(batch.place.page);
    }
    for (const auto& [key, frame] : found->frames) {
      ASSERT_TRUE(frames.contains(frame.digest));
      needs[frame.digest] = places.chain_of(frames[frame.digest].bytes);
      needs[frame.digest].insert({frame.place.page, page_of_journal.at(frames[frame.digest].batch)});
    }
    ASSERT_EQ(needs.size(), batches.size() + frames.size());
    for (const char* name : {"alarms", "telemetry", "yard/#"}) {
      pages_of_names[name] = places.holding(as_bytes(std::string_view(name)));
    }
    pages_of_id = places.holding(id.view());
    std::uint64_t end = 0;  // of the transaction before
    for (const WalFrame& frame : read_wal(wal).frames) {
      newest_in_log[frame.page] = frame.offset;
      last_transaction = end;
      if (frame.commit) end = frame.offset + kPageSize;
    }
  }

  [[nodiscard]] Findings scan() const {
    Findings findings;
    const RawPages pages(options.path, beside(options.path, "-wal"));
    const auto found = find_rows(pages, test_hash);
    EXPECT_THAT(found, IsOk());
    if (!found) return findings;
    findings.unproved = pages.unproved();
    findings.told = found->pages_damaged > 0;
    for (const auto& [key, batch] : found->batches) {
      if (batch.sound) {
        findings.batches.insert(batch.head.digest);
        if (!batches.contains(batch.head.digest)) {
          findings.stale.insert(name_of(batch.head.route, batch.head.sequence, batch.head.id));
        }
      } else {
        findings.told = true;
      }
    }
    for (const auto& [key, frame] : found->frames) {
      const auto journal = found->journals.find(frame.journal);
      const bool kept = frame.sound && journal != found->journals.end();
      if (kept) {
        const Bytes header = bytes_of("header of " + frames.at(frame.digest).batch.hex());
        EXPECT_EQ(journal->second.start.shared_header, header) << "a frame in a foreign journal";
      }
      if (kept) findings.frames.insert(frame.digest);
      if (!kept && frame.live) findings.told = true;
    }
    for (const auto& [route, state] : found->routes) {
      findings.names.insert(route.text);
      const auto tip = tips.find(route.text);
      findings.tips = findings.tips && (tip == tips.end() || state.tip == tip->second);
    }
    for (const auto& [source, filters] : found->subscriptions) findings.names.insert(filters.begin(), filters.end());
    findings.id = found->id == id;
    return findings;
  }

  /// Damages one byte of the file or its log, looks, and puts it right again.
  Findings with_byte(bool in_log, std::uint64_t at, char mask) const {
    const std::string& whole = in_log ? wal_bytes : db_bytes;
    std::fstream file(in_log ? beside(options.path, "-wal") : options.path,
                      std::ios::in | std::ios::out | std::ios::binary);
    const auto put = [&](char byte) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put(byte);
      file.flush();
    };
    put(static_cast<char>(whole[at] ^ mask));
    if (in_log && at < last_transaction) {
      EXPECT_TRUE(read_wal(beside(options.path, "-wal")).commits_unreachable) << "not noticed when it is opened";
    }
    Findings findings = scan();
    put(whole[at]);
    return findings;
  }

  /// What was found with a byte of page `hit` damaged, or of its newest frame; 0 for a byte that no page needs.
  void check(const Findings& now, std::uint32_t hit) {
    bool lost = false;
    const auto look = [&](bool kept, const std::set<std::uint32_t>& needed, const std::string& what) {
      if (kept) return;
      lost = true;
      EXPECT_TRUE(needed.contains(hit)) << what << " does not lie on the damaged page";
    };
    for (const auto& [digest, batch] : batches) {
      look(now.batches.contains(digest), needs[digest],
           "batch " + batch.route.text + "/" + std::to_string(batch.sequence.number));
    }
    for (const auto& [digest, frame] : frames) {
      look(now.frames.contains(digest), needs[digest], "frame of " + std::to_string(frame.bytes.size()) + " bytes");
    }
    EXPECT_TRUE(now.told || !lost) << "a loss that nothing tells of";
    // A name or an id whose own bytes are hit is another one, and has no digest to tell so.
    for (const auto& [name, pages] : pages_of_names) look(now.names.contains(name), pages, name);
    look(now.id, pages_of_id, "the spool's id");
    for (const std::string& name : now.stale) EXPECT_TRUE(ever_named.contains(name)) << name << " never was";
  }

  /// The page that a damage to the frame which begins at `begin` costs: none when the log has a newer version of it.
  [[nodiscard]] std::uint32_t page_of_frame(std::uint64_t begin) const {
    const std::uint32_t page = read_u32(as_bytes(std::string_view(wal_bytes).substr(begin)));
    return newest_in_log.at(page) == begin + kFrameHeaderSize ? page : 0;
  }
  /// The same of the file.
  [[nodiscard]] std::uint32_t page_of_file(std::uint64_t at) const {
    const auto page = static_cast<std::uint32_t>(at / kPageSize + 1);
    return newest_in_log.contains(page) ? 0 : page;
  }

  /// Damages the bytes of a page that begins at `begin`: those that steer with every mask, of the rest a share. Under
  /// sanitizers one byte in kOneIn.
  void damage_page(bool in_log, std::uint64_t begin, std::uint32_t page) {
    const bool every = std::getenv("EDGESEAL_EVERY_BYTE") != nullptr;
    for (std::uint64_t at = begin; at < begin + kPageSize; at += test::kOneIn) {
      const std::uint64_t place = at - begin;
      if (every || (page != 0 && place < kHeaderSize)) {
        for (const char mask : kMasks) damage(in_log, at, mask, page);
      } else if (at % kStride == 0 || (page != 0 && place < kSteeringSize)) {
        damage(in_log, at, kMasks[(at + at / kStride) % kMasks.size()], page);
      }
      if (HasFailure()) return;
    }
  }
  void damage(bool in_log, std::uint64_t at, char mask, std::uint32_t hit) {
    const Findings now = with_byte(in_log, at, mask);
    check(now, hit);
    unproved += now.unproved;
    const bool in_row =
        pages_of_names["alarms"].contains(hit) && !(in_log && (at - kWalHeaderSize) % kWalFrameSize < 4);
    EXPECT_TRUE(now.tips || in_row) << "a chain is set back";
    if (!HasFailure()) return;
    ADD_FAILURE() << (in_log ? "log" : "file") << ", byte " << at << ", mask " << static_cast<int>(mask) << ", page "
                  << hit;
  }

  std::vector<SealedBatch> open_batches;
  std::set<std::string> ever_named;
  std::map<Digest, std::set<std::uint32_t>> needs;
  std::map<std::string, std::set<std::uint32_t>> pages_of_names;
  std::set<std::uint32_t> pages_of_id;
  std::map<std::uint32_t, std::uint64_t> newest_in_log;
  std::uint64_t unproved = 0;          ///< frames, of all damages
  std::uint64_t last_transaction = 0;  ///< where the log's begins
};

class EveryDamageToALogTest : public EveryDamageTest, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(EndingLargeOrSmall, EveryDamageToALogTest, ::testing::Bool());

TEST_P(EveryDamageToALogTest, OfTheHeadersCostsAtMostTheFrameWhosePageNumberIsHit) {
  live_on_free_pages(true, GetParam());
  for (std::uint64_t at = 0; at < kWalHeaderSize; ++at) {
    for (const char mask : kMasks) damage(true, at, mask, 0);
  }
  for (std::uint64_t begin = kWalHeaderSize; begin < wal_bytes.size() && !HasFailure(); begin += kWalFrameSize) {
    for (std::uint64_t at = 0; at < kFrameHeaderSize; ++at) {
      for (const char mask : kMasks) damage(true, begin + at, mask, at < 4 ? page_of_frame(begin) : 0);
    }
    // The frame behind it proves a frame whose salts or checksum are damaged.
    const bool last = begin + kWalFrameSize >= wal_bytes.size();
    EXPECT_EQ(unproved, last ? 3 * 16 : 3 * 8) << "frame at " << begin;
    unproved = 0;
  }
}

TEST_P(EveryDamageToALogTest, OfThePagesCostsNoOther) {
  live_on_free_pages(true, GetParam());
  for (std::uint64_t begin = kWalHeaderSize; begin < wal_bytes.size() && !HasFailure(); begin += kWalFrameSize) {
    damage_page(true, begin + kFrameHeaderSize, page_of_frame(begin));
  }
}

// The last frame's mark commits its transaction, so that nothing of it counts as committed once the frame is damaged.
// If its number becomes that of another of the transaction's pages, that page must yet be found.
TEST_P(EveryDamageToALogTest, OfTheLastPageNumberHidesNoOtherPage) {
  live_on_free_pages(true, GetParam());
  const auto page_at = [&](std::uint64_t begin) {
    return read_u32(as_bytes(std::string_view(wal_bytes).substr(begin)));
  };
  const std::uint64_t last = wal_bytes.size() - kWalFrameSize;
  for (std::uint64_t begin = last_transaction; begin < last; begin += kWalFrameSize) {
    ASSERT_LT(page_at(begin) | page_at(last), 256U);
    damage(true, last + 3, static_cast<char>(page_at(begin) ^ page_at(last)), page_of_frame(last));
  }
}

class EveryDamageToAFileTest : public EveryDamageTest, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutLog, EveryDamageToAFileTest, ::testing::Bool());

TEST_P(EveryDamageToAFileTest, CostsNoOtherPage) {
  live_on_free_pages(GetParam());
  for (std::uint64_t begin = 0; begin < db_bytes.size() && !HasFailure(); begin += kPageSize) {
    damage_page(false, begin, page_of_file(begin));
  }
}

}  // namespace
}  // namespace edgeseal::storage
