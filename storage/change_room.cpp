// SPDX-License-Identifier: GPL-3.0-or-later
// The half of ChangeWriter that finds room: what gives way, in which order, and what must be dropped itself.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "storage/change_writer.h"
#include "storage/spool_sql.h"

namespace edgeseal::storage {
namespace {

/// The newest stamp in the change: storage has no clock of its own.
WallTime time_of(const SpoolChange& change) {
  WallTime newest;
  for (const JournalFrame& frame : change.frames) newest = std::max(newest, frame.sealed);
  for (const SealedBatch& batch : change.batches) newest = std::max(newest, batch.sealed);
  for (const DropRecord& drop : change.drops) newest = std::max(newest, drop.dropped);
  return newest;
}

}  // namespace

std::uint64_t stored_bytes(const SealedBatch& batch) { return batch.sinks.empty() ? 0 : batch.object.size(); }

std::uint64_t ChangeWriter::bytes_given_up(const SealedBatch& batch, std::uint64_t held) {
  return batch.kind == BatchKind::journal ? std::max<std::uint64_t>(held, batch.object.size()) : held;
}

std::uint64_t bytes_added(const SpoolChange& change) {
  std::uint64_t bytes = 0;
  for (const JournalFrame& frame : change.frames) bytes += frame.bytes.size();
  for (const SealedBatch& batch : change.batches) bytes += stored_bytes(batch);
  return bytes;
}

Result<ChangeWriter::File> ChangeWriter::file() {
  if (file_) return *file_;
  auto bytes = db_.pages_in_bytes(sql::kPageCount);
  if (!bytes) return failed(bytes);
  auto free_inside = db_.pages_in_bytes(sql::kFreePages);
  if (!free_inside) return failed(free_inside);
  file_ = File{.bytes = *bytes, .free_inside = *free_inside};
  return *file_;
}

Result<Room> ChangeWriter::room_for(std::uint64_t added, std::uint64_t ended) {
  auto batches = tables_.batch_bytes();
  if (!batches) return failed(batches);
  Room room{.held = *batches + frame_bytes_, .droppable = *batches, .added = added, .ended = ended, .disk_free = {}};
  if (!disk_free_) return room;
  auto now = file();
  if (!now) return failed(now);
  // What this change has added so far, the file system does not know yet.
  const std::uint64_t grown = now->bytes > file_bytes_before_ ? now->bytes - file_bytes_before_ : 0;
  room.disk_free = now->free_inside + (*disk_free_ > grown ? *disk_free_ - grown : 0);
  return room;
}

Result<std::uint64_t> ChangeWriter::bytes_ended(const SpoolChange& change) {
  if (change.batches.empty()) return 0;
  std::map<std::pair<RouteName, BatchId>, std::uint64_t> added;
  for (const JournalFrame& frame : change.frames) added[{frame.route, frame.batch}] += frame.bytes.size();
  std::uint64_t bytes = 0;
  for (const SealedBatch& batch : change.batches) {
    auto journal = tables_.find_journal(batch.route, batch.id);
    if (!journal) return failed(journal);
    if (*journal) {
      auto held = tables_.journal_bytes((*journal)->row);
      if (!held) return failed(held);
      bytes += bytes_given_up(batch, *held);
    }
    const auto frames = added.find({batch.route, batch.id});
    if (frames != added.end()) bytes += frames->second;
  }
  return bytes;
}

Result<void> ChangeWriter::set_dropped_time(const SpoolChange& change) {
  dropped_time_ = time_of(change);
  if (dropped_time_ != WallTime{}) return {};
  auto newest = tables_.newest();
  if (!newest) return failed(newest);
  dropped_time_ = *newest;
  return {};
}

Result<void> ChangeWriter::drop(const std::vector<StoredBatch>& batches) {
  for (const StoredBatch& batch : batches) {
    if (auto done = tables_.drop_batch(batch, DropReason::spool_full, dropped_time_); !done) return done;
    dropped_.push_back(drop_of(batch, DropReason::spool_full, dropped_time_));
  }
  file_.reset();
  return {};
}

/// Drops at least `bytes` of what is less important than `priority`, or older. False, and nothing is dropped, when that
/// is not enough: to drop both the old and the new would help nobody.
Result<bool> ChangeWriter::make_room(std::uint64_t bytes, int priority) {
  std::uint64_t freed = 0;
  auto victims = tables_.first_to_drop(priority, [&](const StoredBatch& next) {
    const bool wanted = freed < bytes;
    freed += next.bytes;
    return wanted;
  });
  if (!victims) return failed(victims);
  if (freed < bytes) return false;
  if (auto done = drop(*victims); !done) return failed(done);
  return true;
}

Result<void> ChangeWriter::drop_for(const SpoolChange& change) {
  if (auto done = set_dropped_time(change); !done) return done;
  auto all = turns(change);
  if (!all) return failed(all);
  std::array<std::uint64_t, kPriorityMax + 1> outranking{};  // bytes that may push out a batch of that priority
  for (const Turn& turn : *all) {
    for (int priority = 0; priority <= std::min(turn.priority, kPriorityMax); ++priority) {
      outranking.at(static_cast<std::size_t>(priority)) += turn.added;
    }
  }
  std::uint64_t freed = 0;
  auto victims = tables_.first_to_drop(kPriorityMax, [&](const StoredBatch& next) {
    const std::uint64_t added = outranking.at(static_cast<std::size_t>(std::clamp(next.priority, 0, kPriorityMax)));
    // A loss alone, or a mark, is worth any batch: it is small, and nothing else may be taken before it is recorded.
    const bool wanted = (added > 0 || all->empty()) && freed < 2 * disk_bytes(added);
    freed += next.bytes;
    return wanted;
  });
  if (!victims) return failed(victims);
  return drop(*victims);
}

tl::unexpected<Error> ChangeWriter::out_of_room(std::uint64_t added) {
  out_of_bounds_ = true;
  return fail(Kind::full, "the spool has no room for " + std::to_string(added) + " more bytes", db_.path(),
              "let its sinks take batches away, free room on the disk, or raise spool.max_bytes");
}

Result<bool> ChangeWriter::fits_whole(const SpoolChange& change) {
  auto ended = bytes_ended(change);
  if (!ended) return failed(ended);
  const std::uint64_t added = bytes_added(change);
  auto room = room_for(added, *ended);
  if (!room) return failed(room);
  if (decide(options_, *room).verdict == Verdict::fits) return true;
  if (options_.when_full == WhenFull::block) return out_of_room(added);
  return false;
}

Result<std::vector<ChangeWriter::Turn>> ChangeWriter::turns(const SpoolChange& change) {
  std::vector<Turn> all;
  std::map<RouteName, std::size_t> places;
  const auto turn_of = [&](const RouteName& route, int priority) -> Turn& {
    const auto [place, first] = places.try_emplace(route, all.size());
    if (first) all.push_back({.route = route});
    Turn& turn = all[place->second];
    turn.priority = std::max(turn.priority, priority);
    return turn;
  };
  for (const JournalFrame& frame : change.frames) {
    auto journal = tables_.find_journal(frame.route, frame.batch);
    if (!journal) return failed(journal);
    Turn& turn = turn_of(frame.route, *journal ? (*journal)->priority : 0);
    turn.added += frame.bytes.size();
    turn.frames.push_back(&frame);
  }
  for (const SealedBatch& batch : change.batches) {
    Turn& turn = turn_of(batch.route, batch.priority);
    turn.added += stored_bytes(batch);
    turn.batches.push_back(&batch);
    auto journal = tables_.find_journal(batch.route, batch.id);
    if (!journal) return failed(journal);
    if (!*journal) continue;
    auto held = tables_.journal_bytes((*journal)->row);
    if (!held) return failed(held);
    turn.ended += bytes_given_up(batch, *held);
  }
  std::stable_sort(all.begin(), all.end(), [](const Turn& one, const Turn& other) {
    const auto rank = [](const Turn& turn) { return std::pair(turn.added <= turn.ended, turn.priority); };
    return rank(one) > rank(other);
  });
  return all;
}

Result<bool> ChangeWriter::admit(std::uint64_t added, std::uint64_t ended, int priority) {
  if (judge_each_) {
    auto room = room_for(added, ended);
    if (!room) return failed(room);
    const Decision decision = decide(options_, *room);
    Result<bool> admitted = decision.verdict == Verdict::fits;
    if (decision.verdict == Verdict::drop) admitted = make_room(decision.bytes_to_drop, priority);
    if (decision.verdict == Verdict::refuse && options_.when_full == WhenFull::drop_oldest) return out_of_room(added);
    if (!admitted) return admitted;
    if (!*admitted) {
      file_.reset();  // that it is refused is written next
      return false;
    }
  }
  auto now = file();
  if (!now) return failed(now);
  // What the WAL will hold must find room in the file too, or no checkpoint could ever empty the WAL of a full disk.
  const std::uint64_t growth = disk_bytes(added);
  const std::uint64_t beyond = growth > now->free_inside ? growth - now->free_inside : 0;
  if (auto done = db_.allocate(now->bytes + beyond); !done) return failed(done);
  file_.reset();  // what is admitted is written next
  return true;
}

}  // namespace edgeseal::storage
