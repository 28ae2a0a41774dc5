// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool_tables.h"

#include <utility>

#include "storage/spool_sql.h"

namespace edgeseal::storage {

Result<std::uint64_t> SpoolTables::batch_bytes() {
  auto bytes = db_.number(sql::kBatchBytes);
  if (!bytes) return failed(bytes);
  return static_cast<std::uint64_t>(*bytes);
}

Result<std::uint64_t> SpoolTables::frame_bytes() {
  Query query = db_.use(sql::kCountFrames);
  auto row = query.next();
  if (!row) return failed(row);
  return query.as<std::uint64_t>(1);
}

Result<WallTime> SpoolTables::newest() {
  auto newest = db_.number(sql::kNewest);
  if (!newest) return failed(newest);
  return wall_time_from_us(*newest);
}

Result<void> SpoolTables::add_route(const RouteName& route) {
  return db_.use(sql::kAddRoute).bind(":route", route.text).run();
}

Result<std::vector<RouteName>> SpoolTables::routes() {
  std::vector<RouteName> routes;
  Query query = db_.use(sql::kSelectRoutes);
  while (true) {
    auto row = query.next();
    if (!row) return failed(row);
    if (!*row) return routes;
    routes.push_back({query.text(0)});
  }
}

Result<ChainTip> SpoolTables::tip(const RouteName& route) {
  Query query = db_.use(sql::kSelectTip);
  auto row = query.bind(":route", route.text).next();
  if (!row) return failed(row);
  if (!*row) return ChainTip{};
  auto digest = query.fixed<Digest>(1);
  if (!digest) return failed(digest);
  return ChainTip{.sequence = {query.as<std::uint64_t>(0)}, .digest = *digest};
}

Result<void> SpoolTables::set_tip(const RouteName& route, const ChainTip& tip, WallTime newest) {
  if (auto added = add_route(route); !added) return added;
  return db_.use(sql::kSetTip)
      .bind(":route", route.text)
      .bind(":sequence", tip.sequence.number)
      .bind(":digest", tip.digest.view())
      .bind(":newest_us", newest)
      .run();
}

Result<void> SpoolTables::add_batch(const SealedBatch& batch) {
  auto inserted = db_.use(sql::kInsertBatch)
                      .bind(":route", batch.route.text)
                      .bind(":sequence", batch.sequence.number)
                      .bind(":batch_id", batch.id.view())
                      .bind(":kind", batch.kind == BatchKind::batch ? "batch" : "journal")
                      .bind(":digest", batch.digest.view())
                      .bind(":bytes", batch.object.size())
                      .bind(":records", batch.records)
                      .bind(":sealed_us", batch.sealed)
                      .bind(":priority", batch.priority)
                      .bind(":object", batch.object)
                      .run();
  if (!inserted) return inserted;
  const std::int64_t row = db_.last_row();
  for (const SinkName& sink : batch.sinks) {
    auto added = db_.use(sql::kInsertDelivery)
                     .bind(":batch_row", row)
                     .bind(":sink", sink.text)
                     .bind(":priority", batch.priority)
                     .run();
    if (!added) return added;
  }
  for (const std::int64_t drop : batch.drops_reported) {
    auto reported = db_.use(sql::kReportDrop)
                        .bind(":batch_row", row)
                        .bind(":drop_row", drop)
                        .bind(":route", batch.route.text)
                        .run();
    if (!reported) return reported;
  }
  return db_.use(sql::kCountBatch)
      .bind(":route", batch.route.text)
      .bind(":batches", 1)
      .bind(":bytes", batch.object.size())
      .run();
}

Result<std::optional<StoredBatch>> SpoolTables::next_stored(Query& query) {
  auto row = query.next();
  if (!row) return failed(row);
  if (!*row) return std::nullopt;
  return StoredBatch{.row = query.integer(0),
                     .route = {query.text(1)},
                     .sequence = {query.as<std::uint64_t>(2)},
                     .bytes = query.as<std::uint64_t>(3),
                     .records = query.as<std::uint64_t>(4),
                     .priority = query.as<int>(5)};
}

Result<std::optional<StoredBatch>> SpoolTables::batch(std::int64_t batch_row) {
  Query query = db_.use(sql::kSelectBatch);
  return next_stored(query.bind(":batch_row", batch_row));
}

Result<void> SpoolTables::remove_batch(const StoredBatch& batch) {
  if (auto deleted = db_.use(sql::kDeleteBatch).bind(":batch_row", batch.row).run(); !deleted) return deleted;
  return db_.use(sql::kCountBatch)
      .bind(":route", batch.route.text)
      .bind(":batches", -1)
      .bind(":bytes", -static_cast<std::int64_t>(batch.bytes))
      .run();
}

Result<void> SpoolTables::drop_batch(const StoredBatch& batch, DropReason reason, WallTime dropped) {
  if (auto removed = remove_batch(batch); !removed) return removed;
  return add_drop(drop_of(batch, reason, dropped));
}

}  // namespace edgeseal::storage
