// SPDX-License-Identifier: GPL-3.0-or-later
// Random damage to a spool file and its log: nothing false comes out, nothing sound is left behind, all losses are
// told.
#include <functional>
#include <string_view>

#include "tests/unit/storage/salvage/pages_of_rows.h"
#include "tests/unit/storage/salvage/salvage_fixture.h"

namespace edgeseal::storage {
namespace {

class DamageTest : public SalvageTest {
 protected:
  /// Random places, bytes and lengths, in either file.
  void damage_at_random(std::string& db, std::string& wal) {
    std::string& file = !wal.empty() && pick(2) == 0 ? wal : db;
    switch (pick(4)) {
      case 0:
        file.resize(pick(file.size()));
        break;
      case 1:
        for (std::uint64_t count = pick(4) + 1; count > 0; --count) zero_page(file, pick(file.size()));
        break;
      default:
        for (std::uint64_t count = std::uint64_t{1} << pick(7); count > 0; --count) {
          char& byte = file[pick(file.size())];
          byte = pick(2) == 0 ? static_cast<char>(byte ^ (1 << pick(8))) : static_cast<char>(pick(256));
        }
    }
  }
  std::uint64_t pick(std::uint64_t below) { return engine() % below; }
  static void zero_page(std::string& file, std::uint64_t at) {
    at -= at % kPageSize;
    std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::uint64_t>(kPageSize, file.size() - at),
                '\0');
  }

  [[nodiscard]] bool told(const std::string& route, std::uint64_t sequence) const {
    // A route of which nothing is left is missing from the report: that is for the caller, who knows its routes.
    const auto known = [&](const RouteName& name) { return name.text == route; };
    if (salvaged && std::none_of(salvaged->routes.begin(), salvaged->routes.end(), known)) return true;
    const auto all = drop_names(route);
    return std::any_of(all.begin(), all.end(), [&](const std::string& name) {
      return name == "0:0:spool_damaged" || name == std::to_string(sequence) + ":10:damaged";
    });
  }

  void check_that_losses_are_told() const {
    for (const auto& [digest, batch] : batches) {
      if (!found_batches.contains(digest)) {
        EXPECT_TRUE(told(batch.route.text, batch.sequence.number)) << batch.route.text << batch.sequence.number;
      }
    }
    if (!salvaged) return;  // then the journals tell, when they are promoted
    for (const auto& [digest, frame] : frames) {
      if (!found_frames.contains(digest)) {
        EXPECT_TRUE(told(frame.route.text, 9)) << frame.route.text;
      }
    }
  }

  /// The spool goes on: each chain from where it stands, and not from before its newest batch.
  void check_that_it_goes_on() {
    for (const char* route : kRoutes) {
      const auto tip = spool->tip({route});
      ASSERT_THAT(tip, IsOk());
      EXPECT_GE(tip->sequence.number, newest_found[route]);
      SealedBatch batch = next(route, 500);
      batch.sequence = tip->sequence.next();
      auto committed = commit(batch);
      if (!committed && !salvaged) {
        salvage_now(committed.error());
        if (HasFatalFailure()) return;
        committed = commit(batch);
      }
      ASSERT_THAT(committed, IsOk());
    }
    const auto db = Connection::open(options.path, Connection::Access::read, {});
    Query check = (*db)->use("PRAGMA quick_check(1)");
    ASSERT_THAT(check.next(), IsOk());
    if (salvaged) {
      EXPECT_EQ(check.text(0), "ok");
    }
  }

  /// Whether a log's end is gone, which looks as if nothing had been written there: its last transaction is touched.
  [[nodiscard]] bool log_was_cut(const std::string& wal) const {
    if (wal_bytes.empty()) return false;
    if (wal.size() < wal_bytes.size()) return true;
    return std::string_view(wal).substr(wal_synced_bytes) != std::string_view(wal_bytes).substr(wal_synced_bytes);
  }

  void break_and_open(const std::function<void(std::string&, std::string&)>& damage) {
    std::string db = db_bytes;
    std::string wal = wal_bytes;
    damage(db, wal);
    put_files(db, wal);
    open_whatever_it_takes();
    if (HasFatalFailure()) return;
    if (salvaged || !log_was_cut(wal)) check_that_losses_are_told();
    check_that_it_goes_on();
    spool.reset();
  }

  /// How far the log goes that is followed by a transaction.
  static std::uint64_t synced_bytes(const std::filesystem::path& wal) {
    std::vector<std::uint64_t> ends{0, 0};
    for (const WalFrame& frame : read_wal(wal).frames) {
      if (frame.commit) ends.push_back(frame.offset + kPageSize);
    }
    return ends[ends.size() - 2];
  }
  std::uint64_t wal_synced_bytes = 0;
};

TEST_F(DamageTest, OfAnyKindLetsNothingFalseThroughAndNoLossUntold) {
  live();
  keep_files(true);
  const std::string db_of_killed = db_bytes;
  const std::string wal_of_killed = wal_bytes;
  put_files(db_bytes, wal_bytes);
  wal_synced_bytes = synced_bytes(folder / "spool.db-wal");
  open();
  keep_files(false);
  const std::string db_of_closed = db_bytes;
  int salvages = 0;
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    const bool killed = round % 2 == 0;
    db_bytes = killed ? db_of_killed : db_of_closed;
    wal_bytes = killed ? wal_of_killed : "";
    break_and_open([&](std::string& db, std::string& wal) { damage_at_random(db, wal); });
    if (HasFailure()) return;
    salvages += salvaged.has_value() ? 1 : 0;
  }
  EXPECT_GT(salvages, 100);
}

// However a page is damaged, rows that do not lie on it are all kept, whether a salvage was needed or not.
class OnePageTest : public DamageTest, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(InLogAndFile, OnePageTest, ::testing::Bool());

TEST_P(OnePageTest, DamagedLosesNoOther) {
  live();
  const bool in_wal = GetParam();
  keep_files(in_wal);
  put_files(db_bytes, wal_bytes);
  std::map<Digest, std::set<std::uint32_t>> pages_of;
  {
    const PagesOfRows pages(options.path, folder / "spool.db-wal");
    for (const auto& [digest, batch] : batches) pages_of[digest] = pages.of(digest, batch.object);
    for (const auto& [digest, frame] : frames) {
      pages_of[digest] = pages.of(digest, frame.bytes);
      pages_of[digest].merge(pages.holding(frame.batch.view()));  // its journal's
    }
  }
  wal_synced_bytes = synced_bytes(folder / "spool.db-wal");
  for (int round = 0; round < 150; ++round) {
    SCOPED_TRACE(round);
    const std::string& whole = in_wal ? wal_bytes : db_bytes;
    const std::uint64_t header = in_wal ? kWalHeaderSize : 0;
    const std::uint64_t unit = in_wal ? kWalFrameSize : kPageSize;
    const std::uint64_t units = ((in_wal ? wal_synced_bytes : whole.size()) - header) / unit;
    const std::uint64_t begin = header + pick(units) * unit;
    const auto touched = in_wal ? read_u32(as_bytes(std::string_view(whole).substr(begin)))
                                : static_cast<std::uint32_t>(begin / kPageSize + 1);
    const std::uint64_t length = std::array<std::uint64_t, 4>{1, 4, 64, unit}[pick(4)];
    const std::uint64_t at = begin + pick(unit - length + 1);
    break_and_open([&](std::string& db, std::string& wal) {
      std::string& file = in_wal ? wal : db;
      for (std::uint64_t i = at; i < at + length; ++i) file[i] = static_cast<char>(pick(256));
    });
    if (HasFatalFailure()) return;
    for (const auto& [digest, pages] : pages_of) {
      if (pages.contains(touched)) continue;
      EXPECT_TRUE(found_batches.contains(digest) || found_frames.contains(digest))
          << "page " << touched << ", damaged at " << at - begin << " for " << length;
    }
    if (HasFailure()) return;
  }
}

// A frame of the log that names another page must not stand in for that page.
TEST_F(DamageTest, OfAPageNumberInTheLogTakesNoOtherPageAlong) {
  live();
  keep_files(true);
  put_files(db_bytes, wal_bytes);
  const auto large = std::find_if(batches.begin(), batches.end(),
                                  [](const auto& entry) { return entry.second.object.size() == 300'000; });
  const auto pages = PagesOfRows(options.path, folder / "spool.db-wal").of(large->first, large->second.object);
  const std::uint64_t frame = synced_bytes(folder / "spool.db-wal") - kWalFrameSize;
  const std::uint32_t victim = *pages.rbegin();
  wal_bytes.replace(frame, 4, {'\0', '\0', static_cast<char>(victim >> 8), static_cast<char>(victim)});
  put_files(db_bytes, wal_bytes);
  open_whatever_it_takes();
  EXPECT_TRUE(salvaged);
  EXPECT_TRUE(found_batches.contains(large->first));
}

}  // namespace
}  // namespace edgeseal::storage
