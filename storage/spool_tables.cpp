// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool_tables.h"

#include <chrono>
#include <utility>

#include "storage/spool_sql.h"

namespace edgeseal::storage {
namespace {

std::int64_t to_us(WallTime time) { return time.since_epoch.count(); }
WallTime from_us(std::int64_t us) { return {std::chrono::microseconds{us}}; }

Result<std::uint64_t> bytes_of(Query& query, int column) {
  auto row = query.next();
  if (!row) return failed(row);
  return *row ? query.as<std::uint64_t>(column) : 0;
}

}  // namespace

Result<std::uint64_t> SpoolTables::batch_bytes() {
  Query query = db_.use(sql::kBatchBytes);
  return bytes_of(query, 0);
}

Result<std::uint64_t> SpoolTables::frame_bytes() {
  Query query = db_.use(sql::kCountFrames);
  return bytes_of(query, 1);
}

Result<WallTime> SpoolTables::newest() {
  auto newest = db_.number(sql::kNewest);
  if (!newest) return failed(newest);
  return from_us(*newest);
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
      .bind(":newest_us", to_us(newest))
      .run();
}

Result<std::optional<OpenJournal>> SpoolTables::find_journal(const RouteName& route, const BatchId& batch) {
  Query query = db_.use(sql::kSelectJournal);
  auto row = query.bind(":route", route.text).bind(":batch_id", batch.view()).next();
  if (!row) return failed(row);
  if (!*row) return std::nullopt;
  return OpenJournal{
      .row = query.integer(0), .records_refused = query.as<std::uint64_t>(1), .priority = query.as<int>(2)};
}

Result<std::uint64_t> SpoolTables::journal_bytes(std::int64_t journal_row) {
  Query query = db_.use(sql::kJournalBytes);
  return bytes_of(query.bind(":journal_row", journal_row), 0);
}

Result<void> SpoolTables::add_journal(const JournalStart& journal) {
  if (auto added = add_route(journal.route); !added) return added;
  auto inserted = db_.use(sql::kInsertJournal)
                      .bind(":route", journal.route.text)
                      .bind(":sequence", journal.sequence.number)
                      .bind(":batch_id", journal.batch.view())
                      .bind(":shared_header", journal.shared_header)
                      .bind(":priority", journal.priority)
                      .run();
  if (!inserted) return inserted;
  const std::int64_t row = db_.last_row();
  for (const SinkName& sink : journal.sinks) {
    auto added = db_.use(sql::kInsertJournalSink).bind(":journal_row", row).bind(":sink", sink.text).run();
    if (!added) return added;
  }
  return {};
}

Result<void> SpoolTables::add_frame(std::int64_t journal_row, const JournalFrame& frame) {
  return db_.use(sql::kInsertFrame)
      .bind(":journal_row", journal_row)
      .bind(":records", frame.records)
      .bind(":sealed_us", to_us(frame.sealed))
      .bind(":digest", frame.digest.view())
      .bind(":frame", frame.bytes)
      .run();
}

Result<void> SpoolTables::refuse_records(std::int64_t journal_row, std::uint64_t records) {
  return db_.use(sql::kRefuseRecords).bind(":journal_row", journal_row).bind(":records", records).run();
}

Result<void> SpoolTables::end_journal(std::int64_t journal_row) {
  return db_.use(sql::kDeleteJournal).bind(":journal_row", journal_row).run();
}

Result<std::int64_t> SpoolTables::newest_journal() { return db_.number(sql::kNewestJournal); }

Result<void> SpoolTables::end_empty_journals(WallTime dropped) {
  std::vector<std::pair<std::int64_t, DropRecord>> empty;
  {
    Query query = db_.use(sql::kSelectEmptyJournals);
    while (true) {
      auto row = query.next();
      if (!row) return failed(row);
      if (!*row) break;
      empty.push_back({query.integer(0), DropRecord{.row = 0,
                                                    .route = {query.text(1)},
                                                    .sequence = {},
                                                    .records = query.as<std::uint64_t>(2),
                                                    .reason = DropReason::spool_full,
                                                    .dropped = dropped}});
    }
  }
  for (const auto& [row, drop] : empty) {
    if (auto ended = end_journal(row); !ended) return ended;
    if (drop.records == 0) continue;
    if (auto added = add_drop(drop); !added) return added;
  }
  return {};
}

Result<std::vector<LeftoverJournal>> SpoolTables::journals_up_to(std::int64_t newest_row) {
  std::vector<LeftoverJournal> journals;
  Query query = db_.use(sql::kSelectLeftovers);
  query.bind(":newest", newest_row);
  while (true) {
    auto row = query.next();
    if (!row) return failed(row);
    if (!*row) return journals;
    LeftoverJournal& journal = journals.emplace_back();
    auto id = query.fixed<BatchId>(3);
    if (!id) return failed(id);
    const ByteView header = query.blob(4);
    journal.start = {.route = {query.text(1)},
                     .sequence = {query.as<std::uint64_t>(2)},
                     .batch = *id,
                     .shared_header = {header.begin(), header.end()},
                     .priority = query.as<int>(5),
                     .sinks = {}};
    Query sinks = db_.use(sql::kSelectJournalSinks);
    sinks.bind(":journal_row", query.integer(0));
    while (true) {
      auto sink = sinks.next();
      if (!sink) return failed(sink);
      if (!*sink) break;
      journal.start.sinks.push_back({sinks.text(0)});
    }
    Query frames = db_.use(sql::kSelectFrames);
    frames.bind(":journal_row", query.integer(0));
    while (true) {
      auto frame = frames.next();
      if (!frame) return failed(frame);
      if (!*frame) break;
      auto digest = frames.fixed<Digest>(3);
      if (!digest) return failed(digest);
      const ByteView bytes = frames.blob(0);
      journal.frames.push_back({.route = journal.start.route,
                                .batch = journal.start.batch,
                                .bytes = {bytes.begin(), bytes.end()},
                                .digest = *digest,
                                .records = frames.as<std::uint64_t>(1),
                                .sealed = from_us(frames.integer(2))});
    }
  }
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
                      .bind(":sealed_us", to_us(batch.sealed))
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
