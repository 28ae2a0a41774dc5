// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/lane.h"

#include <utility>
#include <vector>

#include "crypto/primitives/sha2.h"

namespace edgeseal::agent {

Lane::Lane(RouteSetup setup, storage::Spool& spool, Sealer& sealer)
    : setup_(std::move(setup)), spool_(spool), sealer_(sealer), batcher_(setup_.options.batch) {}

Result<void> Lane::find_tip() {
  auto tip = spool_.tip(setup_.options.name);
  if (!tip) return failed(tip);
  tip_ = *tip;
  return {};
}

Result<bool> Lane::stage(storage::SpoolChange& change, Now now, bool close) {
  if (batcher_.empty()) return false;
  Result<void> staged;
  if (close || batcher_.due(now.monotonic)) {
    staged = stage_batch(change, now);
  } else if (batcher_.uncommitted_records() > 0) {
    staged = stage_frame(change, now);
  }
  if (!staged) return failed(staged, "route " + setup_.options.name.text);
  return staged_.has_value();
}

Result<void> Lane::name_open_batch() {
  if (journal_) return {};
  auto id = sealer_.new_batch_id();
  if (!id) return failed(id);
  facts_ = {setup_.options.name, tip_.sequence.next(), tip_.digest, *id, setup_.options.compression.zstd_level};
  return {};
}

Result<void> Lane::stage_batch(storage::SpoolChange& change, Now now) {
  if (auto named = name_open_batch(); !named) return named;
  auto unreported = spool_.unreported_drops(facts_.route);
  if (!unreported) return failed(unreported);
  std::vector<ReportedDrop> drops;
  storage::SealedBatch batch;
  for (storage::DropRecord& drop : *unreported) {
    drops.push_back({drop.sequence, drop.records, std::move(drop.reason), drop.dropped});
    batch.drops_reported.push_back(drop.row);
  }
  auto object = sealer_.seal_batch(facts_, setup_.keys, batcher_.content(), drops, now);
  if (!object) return failed(object);
  auto digest = crypto::sha256(*object);
  if (!digest) return failed(digest);
  batch.route = facts_.route;
  batch.sequence = facts_.sequence;
  batch.id = facts_.batch;
  batch.digest = *digest;
  batch.object = std::move(*object);
  batch.records = batcher_.records();
  batch.sealed = now.wall;
  batch.priority = setup_.options.priority;
  batch.sinks = setup_.options.sinks;
  staged_ = Staged{.closed_at = ChainTip{batch.sequence, batch.digest}, .records = batcher_.uncommitted_records()};
  change.batches.push_back(std::move(batch));
  return {};
}

Result<void> Lane::stage_frame(storage::SpoolChange& change, Now now) {
  if (auto named = name_open_batch(); !named) return named;
  if (!journal_) {
    auto journal = sealer_.open_journal(facts_, setup_.keys);
    if (!journal) return failed(journal);
    journal_ = std::move(*journal);
    change.journals.push_back({facts_.route, facts_.sequence, facts_.batch, journal_->shared_header(),
                               setup_.options.priority, setup_.options.sinks});
  }
  auto bytes = sealer_.seal_frame(*journal_, facts_, batcher_.uncommitted(), now);
  if (!bytes) return failed(bytes);
  auto digest = crypto::sha256(*bytes);
  if (!digest) return failed(digest);
  const std::uint32_t records = batcher_.uncommitted_records();
  change.frames.push_back({.route = facts_.route,
                           .batch = facts_.batch,
                           .bytes = std::move(*bytes),
                           .digest = *digest,
                           .records = records,
                           .sealed = now.wall});
  staged_ = Staged{.closed_at = std::nullopt, .records = records};
  return {};
}

void Lane::apply(Observer& observer) {
  if (!staged_) return;
  observer.on_committed(setup_.options.name, staged_->records);
  if (staged_->closed_at) {
    tip_ = *staged_->closed_at;
    journal_.reset();
    batcher_.clear();
  } else {
    batcher_.mark_committed();
  }
  staged_.reset();
}

}  // namespace edgeseal::agent
