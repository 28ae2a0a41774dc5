// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/change_writer.h"

#include <algorithm>
#include <utility>

#include "crypto/base/ensure.h"
#include "storage/spool_sql.h"

namespace edgeseal::storage {

Result<void> ChangeWriter::add(const JournalStart& journal) {
  ENSURE(journal.priority >= 0 && journal.priority <= kPriorityMax);
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
  // Once a frame was refused, so are all that follow: what is kept of a journal has no holes.
  if ((*journal)->records_refused > 0) return tables_.refuse_records((*journal)->row, frame.records);
  auto admitted = admit(frame.bytes.size(), 0, (*journal)->priority);
  if (!admitted) return failed(admitted);
  if (!*admitted) return tables_.refuse_records((*journal)->row, frame.records);
  frame_bytes_ += frame.bytes.size();
  return tables_.add_frame((*journal)->row, frame);
}

Result<void> ChangeWriter::add(const SealedBatch& batch) {
  ENSURE(batch.priority >= 0 && batch.priority <= kPriorityMax);
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
  auto admitted = admit(stored_bytes(batch), *journal ? bytes_given_up(batch, ended) : 0, batch.priority);
  if (!admitted) return failed(admitted);

  if (*journal) {
    if (auto done = tables_.end_journal((*journal)->row); !done) return done;
    frame_bytes_ -= ended;
  }
  if (auto done = tables_.set_tip(batch.route, {batch.sequence, batch.digest}, batch.sealed); !done) return done;
  if (batch.object.empty()) return {};
  DropRecord lost{.row = 0,
                  .route = batch.route,
                  .sequence = {},
                  .records = 0,
                  .reason = DropReason::spool_full,
                  .dropped = batch.sealed};
  // A closed batch holds the refused frames' records as well. A promoted journal does not: there they are lost.
  if (batch.kind == BatchKind::journal && *journal && (*journal)->records_refused > 0) {
    lost.records = (*journal)->records_refused;
    if (auto done = record(lost); !done) return done;
  }
  if (!batch.sinks.empty() && *admitted) return tables_.add_batch(batch);
  lost.sequence = batch.sequence;
  lost.records = batch.records;
  lost.reason = batch.sinks.empty() ? DropReason::no_sink : DropReason::spool_full;
  return record(std::move(lost));
}

Result<void> ChangeWriter::record(DropRecord lost) {
  if (auto done = tables_.add_drop(lost); !done) return done;
  dropped_.push_back(std::move(lost));
  return {};
}

Result<void> ChangeWriter::add_all(const SpoolChange& change) {
  for (const JournalFrame& frame : change.frames) {
    if (auto done = add(frame); !done) return failed(done, "commit a frame");
  }
  for (const SealedBatch& batch : change.batches) {
    if (auto done = add(batch); !done) return failed(done, "commit a batch");
  }
  return {};
}

Result<void> ChangeWriter::add_by_turns(const SpoolChange& change) {
  if (!judge_each_ || options_.when_full == WhenFull::drop_newest) return add_all(change);
  if (auto done = set_dropped_time(change); !done) return done;
  auto all = turns(change);
  if (!all) return failed(all);
  for (const Turn& turn : *all) {
    for (const JournalFrame* frame : turn.frames) {
      if (auto done = add(*frame); !done) return failed(done, "commit a frame");
    }
    for (const SealedBatch* batch : turn.batches) {
      if (auto done = add(*batch); !done) return failed(done, "commit a batch");
    }
  }
  return {};
}

Result<std::uint64_t> ChangeWriter::apply(const SpoolChange& change) {
  auto before = file();
  if (!before) return failed(before);
  file_bytes_before_ = before->bytes;
  if (options_.when_full != WhenFull::drop_newest) {
    auto fits = fits_whole(change);
    if (!fits) return failed(fits);
    judge_each_ = !*fits;
  }
  for (const JournalStart& journal : change.journals) {
    if (auto done = add(journal); !done) return failed(done, "start a journal");
  }
  if (auto done = add_by_turns(change); !done) return failed(done);
  for (const DropRecord& drop : change.drops) {
    if (auto done = tables_.add_loss(drop); !done) return failed(done, "record a drop");
  }
  for (const SourceMark& mark : change.marks) {
    if (auto done = tables_.set_mark(mark); !done) return failed(done, "remember a source");
  }
  return frame_bytes_;
}

}  // namespace edgeseal::storage
