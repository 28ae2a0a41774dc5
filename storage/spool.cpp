// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool.h"

#include <utility>

#include "crypto/base/guarded.h"
#include "storage/spool_writer.h"

namespace edgeseal::storage {

struct Spool::Parts {
  SpoolId id;
  Guarded<SpoolWriter> writer;

  /// `work(tables)`, while no other call is under way.
  template <typename Work>
  [[nodiscard]] auto read(Work work) {
    return writer.with([&](SpoolWriter& one) {
      SpoolTables tables = one.tables();
      return work(tables);
    });
  }
  /// The same in a transaction that is synced when it returns.
  template <typename Work>
  [[nodiscard]] auto change(Work work) {
    return writer.with([&](SpoolWriter& one) {
      SpoolTables tables = one.tables();
      return one.change([&] { return work(tables); });
    });
  }
};

Spool::Spool(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Spool::~Spool() {
  parts_->writer.with([](SpoolWriter& writer) { writer.close(); });
}

Result<std::unique_ptr<Spool>> Spool::open(const SpoolOptions& options, Random& random) {
  auto writer = SpoolWriter::open(options, random);
  if (!writer) return failed(writer, "open the spool");
  const SpoolId id = writer->id();
  return std::unique_ptr<Spool>(
      new Spool(std::unique_ptr<Parts>(new Parts{.id = id, .writer = Guarded<SpoolWriter>(std::move(*writer))})));
}

const SpoolId& Spool::id() const { return parts_->id; }

bool Spool::wal_was_lost() const {
  return parts_->writer.with([](SpoolWriter& writer) { return writer.wal_was_lost(); });
}

bool Spool::could_hold(std::uint64_t bytes) const {
  return parts_->writer.with([&](SpoolWriter& writer) { return writer.could_hold(bytes); });
}

Result<std::vector<DropRecord>> Spool::commit(const SpoolChange& change) {
  return parts_->writer.with([&](SpoolWriter& writer) { return writer.commit(change); });
}

Result<std::vector<LeftoverJournal>> Spool::leftover_journals() const {
  return parts_->writer.with(
      [](SpoolWriter& writer) { return writer.tables().journals_up_to(writer.leftover_row_max()); });
}

// What only reads.

Result<ChainTip> Spool::tip(const RouteName& route) const {
  return parts_->read([&](SpoolTables& tables) { return tables.tip(route); });
}

Result<WallTime> Spool::newest() const {
  return parts_->read([](SpoolTables& tables) { return tables.newest(); });
}

Result<std::vector<DropRecord>> Spool::unreported_drops(const RouteName& route) const {
  return parts_->read([&](SpoolTables& tables) { return tables.unreported_drops(route); });
}

Result<std::vector<DropRecord>> Spool::hand_out_drops(const RouteName& route) {
  return parts_->read([&](SpoolTables& tables) { return tables.hand_out_drops(route); });
}

Result<SourceMark> Spool::source_mark(const std::string& source) const {
  return parts_->read([&](SpoolTables& tables) { return tables.source_mark(source); });
}

Result<std::vector<std::string>> Spool::subscriptions(const std::string& source) const {
  return parts_->read([&](SpoolTables& tables) { return tables.subscriptions(source); });
}

// What changes a few rows.

Result<void> Spool::confirm(const SinkName& sink, std::int64_t batch_row) {
  return parts_->change([&](SpoolTables& tables) { return tables.confirm(sink, batch_row); });
}

Result<void> Spool::record_attempt(const SinkName& sink, std::int64_t batch_row, const std::string& why) {
  return parts_->change([&](SpoolTables& tables) { return tables.record_attempt(sink, batch_row, why); });
}

Result<void> Spool::quarantine(const SinkName& sink, std::int64_t batch_row, const std::string& why) {
  return parts_->change([&](SpoolTables& tables) { return tables.quarantine(sink, batch_row, why); });
}

Result<std::uint64_t> Spool::expire(const RouteName& route, const SealedSpan& span, WallTime now) {
  return parts_->change([&](SpoolTables& tables) { return tables.expire(route, span, now, kExpiredMax); });
}

Result<void> Spool::drop_damaged(std::int64_t batch_row) {
  return parts_->change([&](SpoolTables& tables) { return tables.drop_damaged(batch_row); });
}

Result<void> Spool::set_subscriptions(const std::string& source, const std::vector<std::string>& filters) {
  return parts_->change([&](SpoolTables& tables) { return tables.set_subscriptions(source, filters); });
}

Result<std::uint64_t> Spool::keep_sinks(const std::vector<SinkName>& configured) {
  return parts_->change([&](SpoolTables& tables) { return tables.keep_sinks(configured); });
}

}  // namespace edgeseal::storage
