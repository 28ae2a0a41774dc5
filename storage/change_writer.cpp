// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/change_writer.h"

#include <algorithm>
#include <utility>

#include "crypto/base/ensure.h"
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

/// A batch that no sink waits for takes no room: it is recorded as dropped.
std::uint64_t stored_bytes(const SealedBatch& batch) { return batch.sinks.empty() ? 0 : batch.object.size(); }

/// What counts as given up when `batch` ends a journal of `held` bytes. A promoted journal is these bytes and the
/// header that its frames share: it counts as no larger, or a spool that is full could never be opened again.
std::uint64_t bytes_given_up(const SealedBatch& batch, std::uint64_t held) {
  return batch.kind == BatchKind::journal ? std::max<std::uint64_t>(held, batch.object.size()) : held;
}

}  // namespace

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
  std::uint64_t bytes = 0;
  for (const SealedBatch& batch : change.batches) {
    auto journal = tables_.find_journal(batch.route, batch.id);
    if (!journal) return failed(journal);
    if (*journal) {
      auto held = tables_.journal_bytes((*journal)->row);
      if (!held) return failed(held);
      bytes += bytes_given_up(batch, *held);
    }
    for (const JournalFrame& frame : change.frames) {
      if (frame.route == batch.route && frame.batch == batch.id) bytes += frame.bytes.size();
    }
  }
  return bytes;
}

Result<void> ChangeWriter::drop(std::uint64_t bytes, const SpoolChange& change) {
  WallTime dropped = time_of(change);
  if (dropped == WallTime{}) {
    auto newest = tables_.newest();
    if (!newest) return failed(newest);
    dropped = *newest;
  }
  file_.reset();
  for (std::uint64_t freed = 0; freed < bytes;) {
    auto victim = tables_.first_to_drop();
    if (!victim) return failed(victim);
    if (!*victim) return {};
    if (auto done = tables_.drop_batch(**victim, "spool_full", dropped); !done) return done;
    dropped_.push_back(drop_of(**victim, "spool_full", dropped));
    freed += (*victim)->bytes;
  }
  return {};
}

Result<void> ChangeWriter::make_room(const SpoolChange& change) {
  auto ended = bytes_ended(change);
  if (!ended) return failed(ended);
  const std::uint64_t added = bytes_added(change);
  auto room = room_for(added, *ended);
  if (!room) return failed(room);
  const Decision decision = decide(options_, *room);
  switch (decision.verdict) {
    case Verdict::fits:
      return {};
    case Verdict::drop:
      return drop(decision.bytes_to_drop, change);
    case Verdict::refuse:
      break;
  }
  out_of_bounds_ = true;
  return fail(Kind::full, "the spool has no room for " + std::to_string(added) + " more bytes", db_.path(),
              "let its sinks take batches away, free room on the disk, or raise spool.max_bytes");
}

Result<bool> ChangeWriter::admit(std::uint64_t added, std::uint64_t ended) {
  if (options_.when_full == WhenFull::drop_newest) {
    auto room = room_for(added, ended);
    if (!room) return failed(room);
    if (decide(options_, *room).verdict != Verdict::fits) {
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

Result<void> ChangeWriter::add(const JournalStart& journal) {
  ENSURE(journal.priority >= 0 && journal.priority <= 9);
  auto tip = tables_.tip(journal.route);
  if (!tip) return failed(tip);
  ENSURE(journal.sequence > tip->sequence);
  auto known = tables_.find_journal(journal.route, journal.batch);
  if (!known) return failed(known);
  ENSURE(!known->has_value());
  file_.reset();
  return tables_.add_journal(journal);
}

Result<void> ChangeWriter::add(const JournalFrame& frame) {
  auto journal = tables_.find_journal(frame.route, frame.batch);
  if (!journal) return failed(journal);
  ENSURE(journal->has_value());
  auto admitted = admit(frame.bytes.size(), 0);
  if (!admitted) return failed(admitted);
  // Once a frame was refused, so are all that follow: what is kept of a journal has no holes.
  if (!*admitted || (*journal)->records_refused > 0) return tables_.refuse_records((*journal)->row, frame.records);
  frame_bytes_ += frame.bytes.size();
  return tables_.add_frame((*journal)->row, frame);
}

Result<void> ChangeWriter::add(const SealedBatch& batch) {
  ENSURE(batch.priority >= 0 && batch.priority <= 9);
  auto tip = tables_.tip(batch.route);
  if (!tip) return failed(tip);
  ENSURE(batch.sequence == tip->sequence.next());

  auto journal = tables_.find_journal(batch.route, batch.id);
  if (!journal) return failed(journal);
  std::uint64_t ended = 0;
  if (*journal) {
    auto bytes = tables_.journal_bytes((*journal)->row);
    if (!bytes) return failed(bytes);
    ended = *bytes;
  }
  auto admitted = admit(stored_bytes(batch), *journal ? bytes_given_up(batch, ended) : 0);
  if (!admitted) return failed(admitted);

  if (*journal) {
    if (auto done = tables_.end_journal((*journal)->row); !done) return done;
    frame_bytes_ -= ended;
  }
  if (auto done = tables_.set_tip(batch.route, {batch.sequence, batch.digest}, batch.sealed); !done) return done;
  if (batch.object.empty()) return {};
  DropRecord lost{.row = 0, .route = batch.route, .sequence = {}, .records = 0, .reason = {}, .dropped = batch.sealed};
  // A closed batch holds the refused frames' records as well. A promoted journal does not: there they are lost.
  if (batch.kind == BatchKind::journal && *journal && (*journal)->records_refused > 0) {
    lost.records = (*journal)->records_refused;
    lost.reason = "spool_full";
    if (auto done = record(lost); !done) return done;
  }
  if (!batch.sinks.empty() && *admitted) return tables_.add_batch(batch);
  lost.sequence = batch.sequence;
  lost.records = batch.records;
  lost.reason = batch.sinks.empty() ? "no_sink" : "spool_full";
  return record(std::move(lost));
}

Result<void> ChangeWriter::record(DropRecord lost) {
  if (auto done = tables_.add_drop(lost); !done) return done;
  dropped_.push_back(std::move(lost));
  return {};
}

Result<std::uint64_t> ChangeWriter::apply(const SpoolChange& change) {
  auto before = file();
  if (!before) return failed(before);
  file_bytes_before_ = before->bytes;
  // With drop_newest nothing gives way: each frame and batch is judged by itself.
  if (options_.when_full != WhenFull::drop_newest) {
    if (auto done = make_room(change); !done) return failed(done);
  }
  for (const JournalStart& journal : change.journals) {
    if (auto done = add(journal); !done) return failed(done, "start a journal");
  }
  for (const JournalFrame& frame : change.frames) {
    if (auto done = add(frame); !done) return failed(done, "commit a frame");
  }
  for (const SealedBatch& batch : change.batches) {
    if (auto done = add(batch); !done) return failed(done, "commit a batch");
  }
  for (const DropRecord& drop : change.drops) {
    if (auto done = tables_.add_loss(drop); !done) return failed(done, "record a drop");
  }
  for (const SourceMark& mark : change.marks) {
    if (auto done = tables_.set_mark(mark); !done) return failed(done, "remember a source");
  }
  return frame_bytes_;
}

}  // namespace edgeseal::storage
