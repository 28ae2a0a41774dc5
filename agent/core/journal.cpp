// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/journal.h"

#include "agent/batch/content_writer.h"
#include "crypto/primitives/sha2.h"
#include "storage/frame_digest.h"

namespace edgeseal::agent {

Result<Promotion> promote(const storage::LeftoverJournal& journal, const ChainTip& tip) {
  if (journal.frames.empty() || journal.start.sequence != tip.sequence.next()) {
    return fail(Kind::corrupt, "the journal of route " + journal.start.route.text + " is for batch " +
                                   std::to_string(journal.start.sequence.number) + ", but the chain ends at " +
                                   std::to_string(tip.sequence.number));
  }
  Promotion promotion;
  storage::SealedBatch& batch = promotion.batch;
  batch.route = journal.start.route;
  batch.sequence = journal.start.sequence;
  batch.id = journal.start.batch;
  batch.kind = storage::BatchKind::journal;
  batch.priority = journal.start.priority;
  batch.sinks = journal.start.sinks;
  batch.sealed = journal.frames.back().sealed;
  PlainBytes object;  // ciphertext; the writer's buffer type only
  write_journal_start(journal.start.shared_header, object);
  bool any_sound = false;
  for (const storage::JournalFrame& frame : journal.frames) {
    auto of_bytes = crypto::sha256(frame.bytes);
    if (!of_bytes) return failed(of_bytes, "promote journal");
    auto sound = storage::proves(frame.digest, *of_bytes, journal.start.shared_header, crypto::sha256);
    if (!sound) return failed(sound, "promote journal");
    if (!*sound) {
      promotion.lost.push_back({.row = 0,
                                .route = batch.route,
                                .sequence = batch.sequence,
                                .records = frame.records,
                                .reason = storage::DropReason::damaged,
                                .dropped = batch.sealed});
      continue;
    }
    write_journal_frame(frame.bytes, object);
    batch.records += frame.records;
    any_sound = true;
  }
  if (any_sound) batch.object.assign(object.begin(), object.end());
  auto digest = crypto::sha256(batch.object);
  if (!digest) return failed(digest, "promote journal");
  batch.digest = *digest;
  return promotion;
}

}  // namespace edgeseal::agent
