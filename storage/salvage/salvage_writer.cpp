// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/salvage/salvage_writer.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "storage/spool_schema.h"
#include "storage/spool_sql.h"

namespace edgeseal::storage {
namespace {

// One transaction's share of batches or frames.
constexpr std::uint64_t kStepBytes = std::uint64_t{8} << 20;
constexpr std::size_t kStepRows = 1000;

Result<void> make_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
    return {};
  }
  return fail(errno == ENOSPC ? Kind::full : Kind::fault,
              "cannot make the new spool: " + std::generic_category().message(errno), path.string(),
              "let the user that edgeseal runs as own the folder, and free room on its file system");
}

/// Calls `write` for each row, in transactions of bounded size.
template <typename Rows, typename Write>
Result<void> in_steps(Connection& db, const Rows& rows, Write write) {
  for (auto next = rows.begin(); next != rows.end();) {
    auto done = db.transaction(sql::kBeginWrite, [&]() -> Result<void> {
      std::uint64_t bytes = 0;
      for (std::size_t i = 0; i < kStepRows && bytes < kStepBytes && next != rows.end(); ++i, ++next) {
        auto written = write(next->second);
        if (!written) return failed(written);
        bytes += *written;
      }
      return {};
    });
    if (!done) return done;
  }
  return {};
}

}  // namespace

DropRecord SalvageWriter::lost(const RouteName& route, Sequence sequence, std::uint64_t records,
                               DropReason reason) const {
  return {.row = 0, .route = route, .sequence = sequence, .records = records, .reason = reason, .dropped = now_};
}

Result<void> SalvageWriter::write_small(Connection& db, Random& random) {
  if (auto done = prepare_schema(db, random); !done) return done;
  SpoolTables tables(db);
  return db.transaction(sql::kBeginWrite, [&]() -> Result<void> {
    if (found_.id) {
      auto done = db.use(sql::kSetSpoolId).bind(":spool_id", found_.id->view()).run();
      if (!done) return done;
      report_.id_kept = true;
    }
    for (const auto& [name, route] : found_.routes) {
      if (auto done = tables.set_tip(name, route.tip, route.newest); !done) return done;
      report_.routes.push_back(name);
    }
    for (const auto& [name, mark] : found_.marks) {
      if (auto done = tables.set_mark(mark); !done) return done;
    }
    for (const auto& [source, filters] : found_.subscriptions) {
      auto done = tables.set_subscriptions(source, {filters.begin(), filters.end()});
      if (!done) return done;
    }
    if (auto done = write_drops(tables); !done) return done;
    return write_losses(tables);
  });
}

Result<void> SalvageWriter::write_drops(SpoolTables& tables) {
  for (const auto& [row, found] : found_.drops) {
    auto added = tables.insert_drop(found.drop);
    if (!added) return failed(added);
    if (!found.reported_in) continue;
    // What a batch tells of must not be merged before that is here.
    if (auto kept = tables.hand_out_drop(*added, found.drop.route); !kept) return kept;
    reported_[*found.reported_in].push_back(*added);
  }
  return {};
}

Result<void> SalvageWriter::write_losses(SpoolTables& tables) {
  std::set<BatchId> sound;
  for (const auto& [key, batch] : found_.batches) {
    if (batch.sound) sound.insert(batch.head.id);
  }
  for (const auto& [key, batch] : found_.batches) {
    if (sound.contains(batch.head.id)) continue;
    ++report_.batches_damaged;
    auto added = tables.add_drop(lost(batch.head.route, batch.head.sequence, batch.head.records, DropReason::damaged));
    if (!added) return added;
  }
  std::set<RouteName> concerned(routes_.begin(), routes_.end());
  for (const auto& [name, route] : found_.routes) concerned.insert(name);
  for (const RouteName& name : concerned) {
    if (auto added = tables.add_drop(lost(name, {}, 0, DropReason::spool_damaged)); !added) return failed(added);
  }
  return {};
}

/// Empty when every sink has it.
std::vector<SinkName> SalvageWriter::sinks_of(const FoundBatch& batch) const {
  const auto found = found_.deliveries.find(batch.head.row);
  if (found == found_.deliveries.end()) return plan_.sinks_for(batch.head.route);
  const auto& deliveries = found->second;
  std::vector<SinkName> sinks;
  for (const auto& [sink, delivery] : deliveries) sinks.push_back(sink);
  const auto has_it = [](const auto& entry) { return entry.second.state == "confirmed"; };
  if (!std::all_of(deliveries.begin(), deliveries.end(), has_it)) return sinks;
  // It was kept for somebody: a sink whose delivery was lost.
  for (const SinkName& sink : plan_.sinks_for(batch.head.route)) {
    if (!deliveries.contains(sink)) sinks.push_back(sink);
  }
  return sinks.size() > deliveries.size() ? sinks : std::vector<SinkName>{};
}

Result<std::uint64_t> SalvageWriter::write_batch(Connection& db, const FoundBatch& batch) {
  if (!batch.sound) return 0;
  SpoolTables tables(db);
  const QueuedBatch& head = batch.head;
  std::vector<SinkName> sinks = sinks_of(batch);
  const auto deliveries = found_.deliveries.find(head.row);
  if (sinks.empty() && deliveries != found_.deliveries.end()) return 0;
  auto object = read_found(scan_, batch.place, head.digest, sha256_);
  if (!object) return failed(object);
  if (!*object || sinks.empty()) {
    ++report_.batches_damaged;
    auto added = tables.add_drop(
        lost(head.route, head.sequence, head.records, *object ? DropReason::no_sink : DropReason::damaged));
    if (!added) return failed(added);
    return 0;
  }
  auto added = tables.add_batch({.route = head.route,
                                 .sequence = {std::max<std::uint64_t>(head.sequence.number, 1)},
                                 .id = head.id,
                                 .kind = head.kind,
                                 .digest = head.digest,
                                 .object = std::move(**object),
                                 .records = head.records,
                                 .sealed = head.sealed,
                                 .priority = head.priority,
                                 .sinks = std::move(sinks),
                                 .drops_reported = std::exchange(reported_[head.row], {})});
  if (!added) return failed(added);
  ++report_.batches_kept;
  const std::int64_t row = db.last_row();
  if (deliveries == found_.deliveries.end()) return head.bytes;
  for (const auto& [sink, delivery] : deliveries->second) {
    auto restored = tables.restore_delivery(row, sink, delivery.state, delivery.attempts, delivery.last_error);
    if (!restored) return failed(restored);
  }
  return head.bytes;
}

Result<void> SalvageWriter::write_journals(Connection& db) {
  SpoolTables tables(db);
  auto done = db.transaction(sql::kBeginWrite, [&]() -> Result<void> {
    for (const auto& [number, journal] : found_.journals) {
      if (auto added = tables.add_journal(journal.start); !added) return added;
      const std::int64_t row = db.last_row();
      journal_rows_[number] = row;
      if (journal.records_refused == 0) continue;
      if (auto refused = tables.refuse_records(row, journal.records_refused); !refused) return refused;
    }
    return {};
  });
  if (!done) return done;
  return in_steps(db, found_.frames, [&](const FoundFrame& frame) { return write_frame(tables, frame); });
}

Result<std::uint64_t> SalvageWriter::write_frame(SpoolTables& tables, const FoundFrame& frame) {
  if (plan_.superseded.contains(frame.journal)) return 0;
  const auto row = journal_rows_.find(frame.journal);
  if (row == journal_rows_.end()) {
    if (frame.live) ++report_.frames_damaged;
    return 0;
  }
  std::optional<Bytes> bytes;
  if (frame.sound) {
    auto read = read_found(scan_, frame.place, *frame.of_bytes, sha256_);
    if (!read) return failed(read);
    bytes = std::move(*read);
  }
  if (!bytes) {
    ++report_.frames_damaged;
    const JournalStart& start = found_.journals.at(frame.journal).start;
    // A journal without a sound frame makes no batch.
    const Sequence sequence = plan_.with_frames.contains(frame.journal) ? start.sequence : Sequence{};
    auto added = tables.add_drop(lost(start.route, sequence, frame.records, DropReason::damaged));
    if (!added) return failed(added);
    return 0;
  }
  auto added = tables.add_frame(row->second, {.route = {},
                                              .batch = {},
                                              .bytes = std::move(*bytes),
                                              .digest = frame.digest,
                                              .records = frame.records,
                                              .sealed = frame.sealed});
  if (!added) return failed(added);
  ++report_.frames_kept;
  return frame.bytes;
}

/// Those of batches that are lost are told by nobody, and are as many as there were.
Result<void> SalvageWriter::bound_drops(Connection& db) {
  SpoolTables tables(db);
  return db.transaction(sql::kBeginWrite, [&]() -> Result<void> {
    auto routes = tables.routes();
    if (!routes) return failed(routes);
    for (const RouteName& route : *routes) {
      if (auto done = tables.take_back_drops(route); !done) return done;
      if (auto done = tables.bound_drops(route); !done) return done;
    }
    return {};
  });
}

Result<SalvageReport> SalvageWriter::write(const std::filesystem::path& path, Random& random) {
  if (auto made = make_file(path); !made) return failed(made);
  report_.pages_damaged = found_.pages_damaged;
  auto db = Connection::open(path, Connection::Access::write, {});
  if (!db) return failed(db);
  if (auto done = write_small(**db, random); !done) return failed(done);
  if (auto done = in_steps(**db, found_.batches, [&](const FoundBatch& batch) { return write_batch(**db, batch); });
      !done) {
    return failed(done);
  }
  if (auto done = write_journals(**db); !done) return failed(done);
  if (auto done = bound_drops(**db); !done) return failed(done);
  if (auto done = (*db)->checkpoint(Connection::Wal::truncate); !done) return failed(done);
  return std::move(report_);
}

}  // namespace edgeseal::storage
