// SPDX-License-Identifier: GPL-3.0-or-later
// Every statement that reads or changes a spool; the tables stand in schema_sql.h. Parameters are bound by name.
// tests/unit/storage/spool_sql_test.cpp asks SQLite for the plan of each and refuses scans of batches and frames.
#pragma once

namespace edgeseal::storage::sql {

// --- the file ---
inline constexpr const char* kBeginWrite = R"sql(BEGIN IMMEDIATE)sql";
inline constexpr const char* kBeginRead = R"sql(BEGIN)sql";
inline constexpr const char* kCountTables = R"sql(SELECT COUNT(*) FROM sqlite_schema)sql";
inline constexpr const char* kCountOurTables = R"sql(
  SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name IN (
    'spool', 'routes', 'journals', 'journal_sinks', 'frames', 'batches', 'deliveries', 'drops', 'sources',
    'subscriptions'))sql";
inline constexpr const char* kApplicationIdOf = R"sql(PRAGMA application_id)sql";
inline constexpr const char* kVersionOf = R"sql(PRAGMA user_version)sql";
inline constexpr const char* kPageCount = R"sql(PRAGMA page_count)sql";
inline constexpr const char* kPageBytes = R"sql(PRAGMA page_size)sql";
inline constexpr const char* kFreePages = R"sql(PRAGMA freelist_count)sql";
inline constexpr const char* kInsertSpool = R"sql(INSERT INTO spool (one, spool_id) VALUES (1, :spool_id))sql";
inline constexpr const char* kSetSpoolId = R"sql(UPDATE spool SET spool_id = :spool_id WHERE one = 1)sql";
inline constexpr const char* kInUse = R"sql(SELECT in_use FROM spool WHERE one = 1)sql";
inline constexpr const char* kSetInUse = R"sql(UPDATE spool SET in_use = :in_use WHERE one = 1)sql";
inline constexpr const char* kSelectSpool = R"sql(SELECT spool_id FROM spool WHERE one = 1)sql";

// --- routes ---
inline constexpr const char* kAddRoute = R"sql(
  INSERT INTO routes (route) VALUES (:route) ON CONFLICT DO NOTHING)sql";
inline constexpr const char* kSelectTip = R"sql(
  SELECT tip_sequence, tip_digest FROM routes WHERE route = :route)sql";
inline constexpr const char* kSetTip = R"sql(
  UPDATE routes SET tip_sequence = :sequence, tip_digest = :digest, newest_us = MAX(newest_us, :newest_us)
  WHERE route = :route)sql";
inline constexpr const char* kCountBatch = R"sql(
  UPDATE routes SET batches = batches + :batches, bytes = bytes + :bytes WHERE route = :route)sql";
inline constexpr const char* kBatchBytes = R"sql(SELECT SUM(bytes) FROM routes)sql";
inline constexpr const char* kNewest = R"sql(SELECT MAX(newest_us) FROM routes)sql";
inline constexpr const char* kSelectRoutes = R"sql(SELECT route, batches, bytes FROM routes ORDER BY route)sql";

// --- journals ---
inline constexpr const char* kInsertJournal = R"sql(
  INSERT INTO journals (route, sequence, batch_id, shared_header, priority)
  VALUES (:route, :sequence, :batch_id, :shared_header, :priority))sql";
inline constexpr const char* kInsertJournalSink = R"sql(
  INSERT INTO journal_sinks (journal_row, sink) VALUES (:journal_row, :sink) ON CONFLICT DO NOTHING)sql";
inline constexpr const char* kSelectJournal = R"sql(
  SELECT journal_row, records_refused, priority FROM journals WHERE route = :route AND batch_id = :batch_id)sql";
inline constexpr const char* kRefuseRecords = R"sql(
  UPDATE journals SET records_refused = records_refused + :records WHERE journal_row = :journal_row)sql";
inline constexpr const char* kDeleteJournal = R"sql(DELETE FROM journals WHERE journal_row = :journal_row)sql";
inline constexpr const char* kNewestJournal = R"sql(SELECT MAX(journal_row) FROM journals)sql";
inline constexpr const char* kSelectLeftovers = R"sql(
  SELECT journal_row, route, sequence, batch_id, shared_header, priority FROM journals
  WHERE journal_row <= :newest ORDER BY journal_row)sql";
inline constexpr const char* kSelectEmptyJournals = R"sql(
  SELECT journal_row, route, records_refused FROM journals
  WHERE NOT EXISTS (SELECT 1 FROM frames WHERE frames.journal_row = journals.journal_row))sql";
inline constexpr const char* kSelectJournalSinks = R"sql(
  SELECT sink FROM journal_sinks WHERE journal_row = :journal_row)sql";

inline constexpr const char* kSinksOfJournals = R"sql(SELECT sink FROM journal_sinks)sql";
inline constexpr const char* kForgetJournalSink = R"sql(DELETE FROM journal_sinks WHERE sink = :sink)sql";

inline constexpr const char* kInsertFrame = R"sql(
  INSERT INTO frames (journal_row, records, sealed_us, digest, frame)
  VALUES (:journal_row, :records, :sealed_us, :digest, :frame))sql";
inline constexpr const char* kSelectFrames = R"sql(
  SELECT frame, records, sealed_us, digest FROM frames WHERE journal_row = :journal_row ORDER BY frame_row)sql";
inline constexpr const char* kJournalBytes = R"sql(
  SELECT SUM(length(frame)) FROM frames WHERE journal_row = :journal_row)sql";
// Scans frames: once when the spool is opened, and for status. They are those of open batches alone.
inline constexpr const char* kCountFrames = R"sql(
  SELECT COUNT(*), SUM(length(frame)) FROM frames)sql";

// --- batches ---
inline constexpr const char* kInsertBatch = R"sql(
  INSERT INTO batches (route, sequence, batch_id, kind, digest, bytes, records, sealed_us, priority, object)
  VALUES (:route, :sequence, :batch_id, :kind, :digest, :bytes, :records, :sealed_us, :priority, :object))sql";
inline constexpr const char* kSelectBatch = R"sql(
  SELECT batch_row, route, sequence, bytes, records, priority FROM batches WHERE batch_row = :batch_row)sql";
inline constexpr const char* kFirstToDrop = R"sql(
  SELECT batch_row, route, sequence, bytes, records, priority FROM batches
  WHERE priority <= :priority_max ORDER BY priority, batch_row)sql";
inline constexpr const char* kExpired = R"sql(
  SELECT batch_row, route, sequence, bytes, records, priority FROM batches
  WHERE route = :route AND sealed_us >= :not_before_us AND sealed_us < :sealed_before_us
  ORDER BY sealed_us, batch_row LIMIT :count_max)sql";
inline constexpr const char* kDeleteBatch = R"sql(DELETE FROM batches WHERE batch_row = :batch_row)sql";
inline constexpr const char* kSelectObject = R"sql(SELECT object FROM batches WHERE batch_row = :batch_row)sql";
inline constexpr const char* kOldest = R"sql(
  SELECT sealed_us FROM batches WHERE batch_row = (SELECT MIN(batch_row) FROM batches))sql";

// --- deliveries ---
inline constexpr const char* kInsertDelivery = R"sql(
  INSERT INTO deliveries (batch_row, sink, priority) VALUES (:batch_row, :sink, :priority) ON CONFLICT DO NOTHING)sql";
inline constexpr const char* kConfirm = R"sql(
  UPDATE deliveries SET state = 'confirmed', last_error = NULL WHERE batch_row = :batch_row AND sink = :sink)sql";
inline constexpr const char* kRecordAttempt = R"sql(
  UPDATE deliveries SET attempts = attempts + 1, last_error = substr(:why, 1, 500)
  WHERE batch_row = :batch_row AND sink = :sink AND state <> 'confirmed')sql";
inline constexpr const char* kQuarantine = R"sql(
  UPDATE deliveries SET state = 'quarantined', last_error = substr(:why, 1, 500)
  WHERE batch_row = :batch_row AND sink = :sink AND state <> 'confirmed')sql";
inline constexpr const char* kRestoreDelivery = R"sql(
  UPDATE deliveries SET state = :state, attempts = :attempts, last_error = NULLIF(:last_error, '')
  WHERE batch_row = :batch_row AND sink = :sink)sql";
inline constexpr const char* kCountDeliveriesOf = R"sql(
  SELECT COUNT(*), COALESCE(SUM(state <> 'confirmed'), 0) FROM deliveries WHERE batch_row = :batch_row)sql";
// Steps from one sink to the next in the index, however many deliveries each has.
inline constexpr const char* kNextSink = R"sql(
  SELECT sink FROM deliveries WHERE sink > :after ORDER BY sink LIMIT 1)sql";
inline constexpr const char* kSelectDeliveriesOfSink = R"sql(
  SELECT batch_row, state <> 'confirmed' FROM deliveries WHERE sink = :sink)sql";
inline constexpr const char* kDeleteDelivery = R"sql(
  DELETE FROM deliveries WHERE batch_row = :batch_row AND sink = :sink)sql";
inline constexpr const char* kPendingFor = R"sql(
  SELECT b.batch_row, b.route, b.sequence, b.batch_id, b.kind, b.digest, b.bytes, b.records, b.sealed_us, b.priority,
         d.attempts
  FROM deliveries AS d JOIN batches AS b ON b.batch_row = d.batch_row
  WHERE d.sink = :sink AND d.state = 'pending'
  ORDER BY d.priority DESC, d.batch_row LIMIT :count_max)sql";
inline constexpr const char* kCountDeliveries = R"sql(
  SELECT sink, state, COUNT(*) FROM deliveries GROUP BY sink, state)sql";

// --- drops ---
inline constexpr const char* kInsertDrop = R"sql(
  INSERT INTO drops (route, sequence, records, reason, dropped_us, last_sequence, batches)
  VALUES (:route, :sequence, :records, :reason, :dropped_us, :last_sequence, :batches))sql";
inline constexpr const char* kSetDrop = R"sql(
  UPDATE drops SET sequence = :sequence, records = :records, reason = :reason, dropped_us = :dropped_us,
    last_sequence = :last_sequence, batches = :batches WHERE drop_row = :drop_row)sql";
inline constexpr const char* kDeleteDrop = R"sql(DELETE FROM drops WHERE drop_row = :drop_row)sql";
inline constexpr const char* kCountUnreported = R"sql(
  SELECT COUNT(*) FROM drops WHERE route = :route AND reported_in IS NULL)sql";
inline constexpr const char* kMergeableDrops = R"sql(
  SELECT drop_row, sequence, records, reason, dropped_us, last_sequence, batches FROM drops
  WHERE route = :route AND reported_in IS NULL
    AND NOT EXISTS (SELECT 1 FROM handed_out WHERE handed_out.drop_row = drops.drop_row))sql";
// The planner takes the partial index only for a WHERE that repeats its own.
inline constexpr const char* kGrowDrop = R"sql(
  UPDATE drops SET records = MIN(records, :records_max - :records) + :records WHERE drop_row = (
    SELECT MAX(drop_row) FROM drops WHERE route = :route AND reason = :reason AND sequence = 0 AND reported_in IS NULL
      AND records > 0 AND dropped_us > :since_us
      AND NOT EXISTS (SELECT 1 FROM handed_out WHERE handed_out.drop_row = drops.drop_row)))sql";
inline constexpr const char* kUnreportedDrops = R"sql(
  SELECT drop_row, sequence, records, reason, dropped_us, last_sequence, batches FROM drops
  WHERE route = :route AND reported_in IS NULL ORDER BY drop_row LIMIT :count_max)sql";
// Of the connection alone: which drops a batch tells of that is sealed, and not yet committed.
inline constexpr const char* kTakeBackDrops = R"sql(DELETE FROM handed_out WHERE route = :route)sql";
inline constexpr const char* kHandOutDrop = R"sql(
  INSERT INTO handed_out (drop_row, route) VALUES (:drop_row, :route) ON CONFLICT DO NOTHING)sql";
inline constexpr const char* kReportDrop = R"sql(
  UPDATE drops SET reported_in = :batch_row WHERE drop_row = :drop_row AND route = :route)sql";
inline constexpr const char* kForgetReported = R"sql(DELETE FROM drops WHERE reported_in = :batch_row)sql";

// --- sources ---
inline constexpr const char* kSelectMark = R"sql(
  SELECT session, broker_dropped FROM sources WHERE source = :source)sql";
inline constexpr const char* kSetMark = R"sql(
  INSERT INTO sources (source, session, broker_dropped) VALUES (:source, :session, :broker_dropped)
  ON CONFLICT DO UPDATE SET session = excluded.session, broker_dropped = excluded.broker_dropped)sql";

// --- subscriptions ---
inline constexpr const char* kSelectSubscriptions = R"sql(
  SELECT filter FROM subscriptions WHERE source = :source ORDER BY filter)sql";
inline constexpr const char* kDeleteSubscriptions = R"sql(DELETE FROM subscriptions WHERE source = :source)sql";
inline constexpr const char* kInsertSubscription = R"sql(
  INSERT INTO subscriptions (source, filter) VALUES (:source, :filter) ON CONFLICT DO NOTHING)sql";

}  // namespace edgeseal::storage::sql
