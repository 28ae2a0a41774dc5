// SPDX-License-Identifier: GPL-3.0-or-later
// A spool and its log with anything in them, as salvage reads them: reading ends, stays within the files, finds the
// same row again where it found it, and calls nothing sound that is not.
#include <algorithm>
#include <string>

#include "storage/salvage/found_rows.h"
#include "storage/salvage/salvage_plan.h"
#include "storage/spool.h"
#include "tests/fuzzing/memory_file.h"
#include "tests/fuzzing/target.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::fuzzing {
namespace {

using storage::Field;
using storage::Overlay;
using storage::PageScan;
using storage::RawPages;
using storage::RawRow;

constexpr std::size_t kRowsFoundAgainMax = 50;  // finding one reads its page again

/// Stands in for SHA-256. It knows sizes alone, so that changed bytes may be sound and reading goes on.
Result<Digest> size_hash(ByteView bytes) {
  Digest digest;
  digest.bytes.fill(static_cast<std::uint8_t>(bytes.size() + 1));
  return digest;
}

bool same(const Field& one, const Field& other) {
  return one.type == other.type && one.integer == other.integer && one.present == other.present &&
         std::ranges::equal(one.bytes, other.bytes);
}

void check_rows(const RawPages& pages, Overlay overlay, std::size_t bytes_max) {
  PageScan scan(pages);
  PageScan again(pages);
  std::size_t rows = 0;
  scan.each_row(overlay, [&](const RawRow& row) {
    std::size_t bytes = 0;
    for (const Field& field : row.fields) bytes += field.bytes.size();
    ENSURE(bytes <= bytes_max);
    if (++rows > kRowsFoundAgainMax) return;
    const auto found = again.row_at(row.place);
    ENSURE(found && found->table == row.table && found->number == row.number);
    ENSURE(std::ranges::equal(found->fields, row.fields, same));
  });
}

void check_sound_batches(const RawPages& pages, storage::FoundRows found) {
  PageScan scan(pages);
  for (const auto& [key, batch] : found.batches) {
    if (!batch.sound) continue;
    const auto object = read_found(scan, batch.place, batch.head.digest, size_hash);
    ENSURE(object && *object && (*object)->size() == batch.head.bytes);
  }
  const storage::SalvagePlan plan = plan_salvage(found);
  for (const auto& [key, batch] : found.batches) {
    const auto route = found.routes.find(batch.head.route);
    ENSURE(route != found.routes.end());
    ENSURE(!batch.sound || route->second.tip.sequence >= batch.head.sequence);
  }
}

Bytes image_of(const std::string& db, const std::string& wal) {
  const std::size_t pages = db.size() / storage::kPageSize;
  Bytes image{static_cast<std::uint8_t>(pages >> 8), static_cast<std::uint8_t>(pages)};
  append(image, as_bytes(db));
  append(image, as_bytes(wal));
  return image;
}

storage::SealedBatch batch_of(std::uint64_t number, std::size_t size) {
  storage::SealedBatch batch;
  batch.route = {"telemetry"};
  batch.sequence = {number};
  batch.id.bytes.fill(static_cast<std::uint8_t>(number));
  batch.object = Bytes(size, static_cast<std::uint8_t>(number));
  batch.digest = *size_hash(batch.object);
  batch.records = 3;
  batch.sinks = {{"lake"}, {"stick"}};
  return batch;
}

storage::JournalFrame frame_of(const storage::SealedBatch& batch) {
  storage::JournalFrame frame;
  frame.route = batch.route;
  frame.batch = batch.id;
  frame.bytes = Bytes(90, 'f');
  frame.digest = *size_hash(frame.bytes);
  frame.records = 1;
  return frame;
}

template <typename T>
void must(const Result<T>& result) {
  ENSURE(result);
}

/// Batches on one page and on several, an open journal, a drop, a mark and a subscription.
void live(storage::Spool& spool) {
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const storage::SealedBatch batch = batch_of(number, number == 2 ? 9000 : 300);
    must(spool.commit({.journals = {}, .frames = {}, .batches = {batch}, .drops = {}}));
  }
  must(spool.confirm({"lake"}, 1));
  must(spool.quarantine({"lake"}, 2, "413"));
  const storage::SealedBatch open = batch_of(4, 0);
  storage::SpoolChange change;
  change.journals = {{.route = open.route,
                      .sequence = open.sequence,
                      .batch = open.id,
                      .shared_header = Bytes(40, 'h'),
                      .sinks = open.sinks}};
  change.frames = {frame_of(open), frame_of(open)};
  change.drops = {
      {.route = open.route, .sequence = {2}, .records = 3, .reason = storage::DropReason::spool_full, .dropped = {}}};
  change.marks = {{.source = "plant", .session = true, .broker_dropped = 7}};
  must(spool.commit(change));
  must(spool.set_subscriptions("plant", {"plant/#"}));
}

}  // namespace

std::vector<Bytes> seeds() {
  const test::TempDir folder;
  const auto path = folder / "spool.db";
  test::SeededRandom random(1);
  auto spool = storage::Spool::open({.path = path, .free_bytes_min = 0}, random);
  ENSURE(spool);
  live(**spool);
  const Bytes killed = image_of(test::read_file(path), test::read_file(folder / "spool.db-wal"));
  spool->reset();
  return {killed, image_of(test::read_file(path), "")};
}

}  // namespace edgeseal::fuzzing

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgeseal::fuzzing;
  Input input(data, size);
  const std::size_t pages_high = input.u8();
  const std::size_t page_count = pages_high << 8 | input.u8();
  const MemoryFile db(input.bytes(page_count * edgeseal::storage::kPageSize));
  const edgeseal::ByteView log = input.rest();
  const MemoryFile wal(log);
  for (const auto& frame : edgeseal::storage::read_wal(wal.path()).frames) {
    ENSURE((frame.page != 0 || !frame.sound) && frame.offset + edgeseal::storage::kPageSize <= log.size());
  }
  const RawPages pages(db.path(), wal.path());
  // The last page of a cut file counts as a whole one.
  const std::size_t bytes_max = size + edgeseal::storage::kPageSize;
  ENSURE((pages.count() - pages.unproved()) * edgeseal::storage::kPageSize <= bytes_max);
  for (const Overlay overlay : edgeseal::storage::kOverlays) {
    if (pages.differs(overlay)) check_rows(pages, overlay, bytes_max);
  }
  auto found = find_rows(pages, size_hash);
  ENSURE(found);
  check_sound_batches(pages, std::move(*found));
  return 0;
}
