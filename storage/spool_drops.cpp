// SPDX-License-Identifier: GPL-3.0-or-later
// The part of SpoolTables that deals with what was lost: recorded, merged, handed out to be told.
#include <algorithm>
#include <chrono>

#include "storage/drop_merge.h"
#include "storage/spool_sql.h"
#include "storage/spool_tables.h"

namespace edgeseal::storage {
namespace {

/// What the row says, as far as it can be: a file's damage may have reached it.
std::optional<MergedBatches> merged_of(Sequence first, std::uint64_t last, std::uint64_t batches) {
  if (first.number == 0 || last <= first.number || batches < 2) return std::nullopt;
  return MergedBatches{.last = {last}, .batches = std::min(batches, last - first.number + 1)};
}

Result<std::vector<DropRecord>> read_drops(Query& query, const RouteName& route) {
  std::vector<DropRecord> drops;
  while (true) {
    auto row = query.next();
    if (!row) return failed(row);
    if (!*row) return drops;
    const Sequence first{query.as<std::uint64_t>(1)};
    drops.push_back({.row = query.integer(0),
                     .route = route,
                     .sequence = first,
                     .records = query.as<std::uint64_t>(2),
                     .reason = drop_reason_of(query.text(3)),
                     .dropped = query.time(4),
                     .merged = merged_of(first, query.as<std::uint64_t>(5), query.as<std::uint64_t>(6))});
  }
}

Query& bind_values(Query& query, const DropRecord& drop) {
  return query.bind(":sequence", drop.sequence.number)
      .bind(":records", drop.records)
      .bind(":reason", text_of(drop.reason))
      .bind(":dropped_us", drop.dropped)
      .bind(":last_sequence", last_of(drop))
      .bind(":batches", batches_of(drop));
}

}  // namespace

DropRecord drop_of(const StoredBatch& batch, DropReason reason, WallTime dropped) {
  return {
      .route = batch.route, .sequence = batch.sequence, .records = batch.records, .reason = reason, .dropped = dropped};
}

Result<void> SpoolTables::add_loss(const DropRecord& loss) {
  constexpr std::chrono::minutes kGrowsFor{1};
  if (loss.sequence.number > 0 || loss.records == 0) return add_drop(loss);
  auto grown = db_.use(sql::kGrowDrop)
                   .bind(":route", loss.route.text)
                   .bind(":reason", text_of(loss.reason))
                   .bind(":records", loss.records)
                   .bind(":records_max", kCountMax)
                   .bind(":since_us", loss.dropped + -kGrowsFor)
                   .run();
  if (!grown) return grown;
  return db_.changes() > 0 ? Result<void>{} : add_drop(loss);
}

Result<std::int64_t> SpoolTables::insert_drop(const DropRecord& drop) {
  if (auto added = add_route(drop.route); !added) return failed(added);
  Query query = db_.use(sql::kInsertDrop);
  auto inserted = bind_values(query.bind(":route", drop.route.text), drop).run();
  if (!inserted) return failed(inserted);
  return db_.last_row();
}

Result<void> SpoolTables::add_drop(const DropRecord& drop) {
  if (auto inserted = insert_drop(drop); !inserted) return failed(inserted);
  return bound_drops(drop.route);
}

Result<void> SpoolTables::bound_drops(const RouteName& route) {
  std::size_t count = 0;
  {
    Query query = db_.use(sql::kCountUnreported);
    auto row = query.bind(":route", route.text).next();
    if (!row) return failed(row);
    count = query.as<std::size_t>(0);
  }
  if (count <= kDropRowsMax) return {};
  std::vector<DropRecord> free;
  {
    Query query = db_.use(sql::kMergeableDrops);
    auto drops = read_drops(query.bind(":route", route.text), route);
    if (!drops) return failed(drops);
    free = std::move(*drops);
  }
  const std::size_t handed_out = count - free.size();
  for (const DropMerge& merge : merge_drops(std::move(free), kDropRowsMax - std::min(kDropRowsMax, handed_out))) {
    for (const std::int64_t row : merge.absorbed) {
      if (auto deleted = db_.use(sql::kDeleteDrop).bind(":drop_row", row).run(); !deleted) return deleted;
    }
    Query query = db_.use(sql::kSetDrop);
    if (auto set = bind_values(query.bind(":drop_row", merge.kept.row), merge.kept).run(); !set) return set;
  }
  return {};
}

Result<std::vector<DropRecord>> SpoolTables::unreported_drops(const RouteName& route, std::size_t count_max) {
  Query query = db_.use(sql::kUnreportedDrops);
  return read_drops(query.bind(":route", route.text).bind(":count_max", count_max), route);
}

Result<std::vector<DropRecord>> SpoolTables::hand_out_drops(const RouteName& route) {
  if (auto done = take_back_drops(route); !done) return failed(done);
  auto drops = unreported_drops(route, kDropsReportedMax);
  if (!drops) return drops;
  for (const DropRecord& drop : *drops) {
    if (auto done = hand_out_drop(drop.row, route); !done) return failed(done);
  }
  return drops;
}

Result<void> SpoolTables::hand_out_drop(std::int64_t drop_row, const RouteName& route) {
  return db_.use(sql::kHandOutDrop).bind(":drop_row", drop_row).bind(":route", route.text).run();
}

Result<void> SpoolTables::take_back_drops(const RouteName& route) {
  return db_.use(sql::kTakeBackDrops).bind(":route", route.text).run();
}

}  // namespace edgeseal::storage
