// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/lane.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/base/ensure.h"
#include "crypto/primitives/sha2.h"
#include "storage/frame_digest.h"

namespace edgeseal::agent {
namespace {

Record to_record(transport::Message&& message) {
  return {
      .received = message.received,
      .topic = std::move(message.topic),
      .payload = std::move(message.payload),
      .qos = message.qos,
      .retain = message.retain,
      .dup = message.dup,
      .packet_id = message.packet_id,
      .connection = message.connection,
      .properties = std::move(message.properties),
  };
}

}  // namespace

std::vector<config::RouteOptions> options_of(const std::vector<RouteSetup>& routes) {
  std::vector<config::RouteOptions> options;
  options.reserve(routes.size());
  for (const RouteSetup& route : routes) options.push_back(route.options);
  return options;
}

Lane::Lane(RouteSetup setup, storage::Spool& spool, Sealer& sealer)
    : setup_(std::move(setup)), spool_(spool), sealer_(sealer), batcher_(setup_.options.batch) {}

Result<void> Lane::find_tip() {
  auto tip = spool_.tip(setup_.options.name);
  if (!tip) return failed(tip);
  tip_ = *tip;
  return {};
}

void Lane::add(transport::Message&& message, transport::ArrivalNumber number, MonotonicTime now) {
  batcher_.add(to_record(std::move(message)), now);
  if (!waits_from_) waits_from_ = number;
}

Result<bool> Lane::stage(storage::SpoolChange& change, Now now, bool close) {
  if (batcher_.empty()) return false;
  Result<void> staged;
  if (close || batcher_.due(now.monotonic)) {
    staged = stage_batch(change, now, batcher_.records());
  } else if (batcher_.uncommitted_records() > 0) {
    staged = stage_frame(change, now);
  }
  if (!staged) return failed(staged, "route " + setup_.options.name.text);
  return staged_.has_value();
}

Result<bool> Lane::stage_piece(storage::SpoolChange& change, Now now, std::uint64_t records_max) {
  if (batcher_.empty()) return false;
  const std::uint64_t committed = batcher_.committed_records();
  auto staged = stage_batch(change, now, committed > 0 ? committed : std::min(records_max, batcher_.records()));
  if (!staged) return failed(staged, "route " + setup_.options.name.text);
  return true;
}

void Lane::stage_loss(storage::SpoolChange& change, Now now) {
  ENSURE(batcher_.committed_records() == 0 && !batcher_.empty());
  const storage::DropRecord lost{
      .route = setup_.options.name, .records = 1, .reason = storage::DropReason::spool_full, .dropped = now.wall};
  change.drops.push_back(lost);
  staged_ = Staged{.taken = 1, .lost = lost};
}

Result<void> Lane::name_open_batch() {
  if (journal_) return {};
  auto id = sealer_.new_batch_id();
  if (!id) return failed(id);
  facts_ = {setup_.options.name, tip_.sequence.next(), tip_.digest, *id, setup_.options.compression.zstd_level};
  return {};
}

Result<void> Lane::stage_batch(storage::SpoolChange& change, Now now, std::uint64_t records) {
  if (auto named = name_open_batch(); !named) return named;
  auto unreported = spool_.hand_out_drops(facts_.route);
  if (!unreported) return failed(unreported);
  std::vector<ReportedDrop> drops;
  storage::SealedBatch batch;
  for (const storage::DropRecord& drop : *unreported) {
    ReportedDrop& reported =
        drops.emplace_back(ReportedDrop{drop.sequence, drop.records, std::string(text_of(drop.reason)), drop.dropped});
    if (drop.merged) reported.merged = {.last = drop.merged->last, .batches = drop.merged->batches};
    batch.drops_reported.push_back(drop.row);
  }
  auto object = sealer_.seal_batch(facts_, setup_.keys, batcher_.first(records), drops, now);
  if (!object) return failed(object);
  auto digest = crypto::sha256(*object);
  if (!digest) return failed(digest);
  batch.route = facts_.route;
  batch.sequence = facts_.sequence;
  batch.id = facts_.batch;
  batch.digest = *digest;
  batch.object = std::move(*object);
  batch.records = records;
  batch.sealed = now.wall;
  batch.priority = setup_.options.priority;
  batch.sinks = setup_.options.sinks;
  staged_ = Staged{.closed_at = ChainTip{batch.sequence, batch.digest},
                   .taken = records,
                   .records = records - batcher_.committed_records()};
  change.batches.push_back(std::move(batch));
  return {};
}

Result<void> Lane::stage_frame(storage::SpoolChange& change, Now now) {
  if (auto named = name_open_batch(); !named) return named;
  const bool opens_journal = !journal_;
  if (opens_journal) {
    auto journal = sealer_.open_journal(facts_, setup_.keys);
    if (!journal) return failed(journal);
    journal_ = std::move(*journal);
    change.journals.push_back({facts_.route, facts_.sequence, facts_.batch, journal_->shared_header(),
                               setup_.options.priority, setup_.options.sinks});
  }
  auto bytes = sealer_.seal_frame(*journal_, facts_, batcher_.uncommitted(), now);
  if (!bytes) return failed(bytes);
  auto of_bytes = crypto::sha256(*bytes);
  if (!of_bytes) return failed(of_bytes);
  auto digest = storage::frame_digest(*of_bytes, journal_->shared_header(), crypto::sha256);
  if (!digest) return failed(digest);
  const std::uint64_t records = batcher_.uncommitted_records();
  change.frames.push_back({.route = facts_.route,
                           .batch = facts_.batch,
                           .bytes = std::move(*bytes),
                           .digest = *digest,
                           .records = records,
                           .sealed = now.wall});
  staged_ = Staged{.records = records, .frame = true, .opens_journal = opens_journal};
  return {};
}

void Lane::unstage() {
  if (staged_ && staged_->frame) journal_->unseal_frame();
  if (staged_ && staged_->opens_journal) journal_.reset();
  staged_.reset();
}

void Lane::apply(CommitReport& report) {
  if (!staged_) return;
  if (staged_->records > 0 || staged_->closed_at) report.committed.push_back({setup_.options.name, staged_->records});
  if (staged_->lost) report.lost.push_back(std::move(*staged_->lost));
  if (staged_->closed_at) {
    tip_ = *staged_->closed_at;
    journal_.reset();
  }
  if (staged_->taken > 0) {
    batcher_.take_off(staged_->taken);
  } else {
    batcher_.mark_committed();
  }
  if (batcher_.uncommitted_records() == 0) waits_from_.reset();
  staged_.reset();
}

}  // namespace edgeseal::agent
