// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool_view.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/spool_schema.h"
#include "storage/spool_sql.h"
#include "storage/sqlite.h"

namespace edgeseal::storage {
namespace {

Result<QueuedBatch> queued_batch(Query& query) {
  auto id = query.fixed<BatchId>(3);
  if (!id) return failed(id);
  auto digest = query.fixed<Digest>(5);
  if (!digest) return failed(digest);
  return QueuedBatch{.row = query.integer(0),
                     .route = {query.text(1)},
                     .sequence = {query.as<std::uint64_t>(2)},
                     .id = *id,
                     .kind = query.text(4) == "journal" ? BatchKind::journal : BatchKind::batch,
                     .digest = *digest,
                     .bytes = query.as<std::uint64_t>(6),
                     .records = query.as<std::uint64_t>(7),
                     .sealed = query.time(8),
                     .priority = query.as<int>(9),
                     .attempts = query.as<std::uint64_t>(10)};
}

Result<void> add_routes(Connection& db, SpoolStats& stats) {
  Query query = db.use(sql::kSelectRoutes);
  while (true) {
    auto row = query.next();
    if (!row) return failed(row);
    if (!*row) return {};
    const RouteStats& route =
        stats.routes.emplace_back(RouteStats{{query.text(0)}, query.as<std::uint64_t>(1), query.as<std::uint64_t>(2)});
    stats.batches += route.batches;
    stats.bytes += route.bytes;
  }
}

Result<void> add_frames(Connection& db, SpoolStats& stats) {
  Query query = db.use(sql::kCountFrames);
  auto row = query.next();
  if (!row) return failed(row);
  stats.frames = query.as<std::uint64_t>(0);
  stats.bytes += query.as<std::uint64_t>(1);
  return {};
}

Result<void> add_sinks(Connection& db, SpoolStats& stats) {
  Query query = db.use(sql::kCountDeliveries);
  while (true) {
    auto row = query.next();
    if (!row) return failed(row);
    if (!*row) return {};
    const std::string sink = query.text(0);
    const std::string state = query.text(1);
    if (stats.sinks.empty() || stats.sinks.back().sink.text != sink) stats.sinks.push_back({{sink}, 0, 0});
    if (state == "pending") stats.sinks.back().pending = query.as<std::uint64_t>(2);
    if (state == "quarantined") stats.sinks.back().quarantined = query.as<std::uint64_t>(2);
  }
}

}  // namespace

struct SpoolView::Parts {
  std::filesystem::path path;
  std::string vfs;
  SpoolId id;
  std::unique_ptr<Connection> db;
};

SpoolView::SpoolView(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SpoolView::~SpoolView() = default;

Result<std::unique_ptr<SpoolView>> SpoolView::open(const std::filesystem::path& path, const std::string& vfs) {
  auto db = Connection::open(path, Connection::Access::read, vfs);
  if (!db) return failed(db, "read the spool");
  if (auto checked = check_schema(**db); !checked) return failed(checked, "read the spool");
  auto id = read_spool_id(**db);
  if (!id) return failed(id, "read the spool");
  return std::unique_ptr<SpoolView>(
      new SpoolView(std::unique_ptr<Parts>(new Parts{.path = path, .vfs = vfs, .id = *id, .db = std::move(*db)})));
}

const SpoolId& SpoolView::id() const { return parts_->id; }

Result<std::vector<QueuedBatch>> SpoolView::pending_for(const SinkName& sink, std::size_t count_max,
                                                        const std::vector<std::int64_t>& except) const {
  std::vector<QueuedBatch> batches;
  Query query = parts_->db->use(sql::kPendingFor);
  // As many more as may have to be passed over.
  query.bind(":sink", sink.text).bind(":count_max", count_max + except.size());
  while (batches.size() < count_max) {
    auto row = query.next();
    if (!row) return failed(row, "list pending batches");
    if (!*row) break;
    if (std::find(except.begin(), except.end(), query.integer(0)) != except.end()) continue;
    auto batch = queued_batch(query);
    if (!batch) return failed(batch, "list pending batches");
    batches.push_back(std::move(*batch));
  }
  return batches;
}

Result<std::optional<Bytes>> SpoolView::object(std::int64_t batch_row) const {
  Query query = parts_->db->use(sql::kSelectObject);
  auto row = query.bind(":batch_row", batch_row).next();
  if (!row) return failed(row, "read a batch");
  if (!*row) return std::nullopt;
  const ByteView bytes = query.blob(0);
  return Bytes(bytes.begin(), bytes.end());
}

Result<std::optional<Bytes>> SpoolView::object_afresh(std::int64_t batch_row) const {
  auto other = open(parts_->path, parts_->vfs);
  if (!other) return failed(other);
  return (*other)->object(batch_row);
}

Result<SpoolStats> SpoolView::stats() const {
  Connection& db = *parts_->db;
  return db.transaction(sql::kBeginRead, [&]() -> Result<SpoolStats> {
    SpoolStats stats;
    if (auto done = add_routes(db, stats); !done) return failed(done);
    if (auto done = add_frames(db, stats); !done) return failed(done);
    if (auto done = add_sinks(db, stats); !done) return failed(done);
    auto oldest = db.number(sql::kOldest);
    if (!oldest) return failed(oldest);
    stats.oldest = wall_time_from_us(*oldest);
    auto newest = db.number(sql::kNewest);
    if (!newest) return failed(newest);
    stats.newest = wall_time_from_us(*newest);
    return stats;
  });
}

}  // namespace edgeseal::storage
