// SPDX-License-Identifier: GPL-3.0-or-later
// The functions of SpoolTables that deal with journals and their frames.
#include <utility>

#include "storage/spool_sql.h"
#include "storage/spool_tables.h"

namespace edgeseal::storage {

Result<std::optional<StoredJournal>> SpoolTables::find_journal(const RouteName& route, const BatchId& batch) {
  Query query = db_.use(sql::kSelectJournal);
  auto row = query.bind(":route", route.text).bind(":batch_id", batch.view()).next();
  if (!row) return failed(row);
  if (!*row) return std::nullopt;
  return StoredJournal{
      .row = query.integer(0), .records_refused = query.as<std::uint64_t>(1), .priority = query.as<int>(2)};
}

Result<std::uint64_t> SpoolTables::journal_bytes(std::int64_t journal_row) {
  Query query = db_.use(sql::kJournalBytes);
  auto row = query.bind(":journal_row", journal_row).next();
  if (!row) return failed(row);
  return query.as<std::uint64_t>(0);
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
      .bind(":sealed_us", frame.sealed)
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
                                .sealed = frames.time(2)});
    }
  }
}

}  // namespace edgeseal::storage
