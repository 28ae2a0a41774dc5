// SPDX-License-Identifier: GPL-3.0-or-later
// The spool's rows as functions: each changes a few rows, inside a transaction that the caller has begun.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "storage/spool_sql.h"
#include "storage/spool_types.h"
#include "storage/sqlite.h"

namespace edgeseal::storage {

/// A journal that a batch has yet to end.
struct StoredJournal {
  std::int64_t row = 0;
  std::uint64_t records_refused = 0;  ///< records whose frames did not fit
  int priority = 5;
};

/// What one needs to know of a batch to take it out.
struct StoredBatch {
  std::int64_t row = 0;
  RouteName route;
  Sequence sequence;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  int priority = 5;
};

[[nodiscard]] DropRecord drop_of(const StoredBatch& batch, DropReason reason, WallTime dropped);

/// Borrows the connection. Errors are those of Connection.
class SpoolTables {
 public:
  explicit SpoolTables(Connection& db) : db_(db) {}

  /// Bytes of all batches.
  [[nodiscard]] Result<std::uint64_t> batch_bytes();
  /// Bytes of all frames. Reads every frame's row: once, when the spool is opened.
  [[nodiscard]] Result<std::uint64_t> frame_bytes();
  /// The newest stamp of a batch that the spool has seen, delivered ones included.
  [[nodiscard]] Result<WallTime> newest();

  /// All that the spool has ever held something of.
  [[nodiscard]] Result<std::vector<RouteName>> routes();
  [[nodiscard]] Result<ChainTip> tip(const RouteName& route);
  /// Makes `tip` the end of the route's chain; `newest` counts if it is later than what the route has seen.
  [[nodiscard]] Result<void> set_tip(const RouteName& route, const ChainTip& tip, WallTime newest);

  [[nodiscard]] Result<std::optional<StoredJournal>> find_journal(const RouteName& route, const BatchId& batch);
  [[nodiscard]] Result<std::uint64_t> journal_bytes(std::int64_t journal_row);
  [[nodiscard]] Result<void> add_journal(const JournalStart& journal);
  [[nodiscard]] Result<void> add_frame(std::int64_t journal_row, const JournalFrame& frame);
  [[nodiscard]] Result<void> refuse_records(std::int64_t journal_row, std::uint64_t records);
  [[nodiscard]] Result<void> end_journal(std::int64_t journal_row);
  /// The row of the newest journal; journals up to it are what an earlier process left.
  [[nodiscard]] Result<std::int64_t> newest_journal();
  /// Ends the journals without frames; records that were refused to them become drops, stamped `dropped`.
  [[nodiscard]] Result<void> end_empty_journals(WallTime dropped);
  [[nodiscard]] Result<std::vector<LeftoverJournal>> journals_up_to(std::int64_t newest_row);

  /// The batch with its deliveries, and which drops it reports.
  [[nodiscard]] Result<void> add_batch(const SealedBatch& batch);
  [[nodiscard]] Result<std::optional<StoredBatch>> batch(std::int64_t batch_row);
  /// Batches of at most `priority_max` in the order in which they are dropped, the least important first and the oldest
  /// of these, for as long as `wanted` says so of the next.
  template <typename Wanted>
  [[nodiscard]] Result<std::vector<StoredBatch>> first_to_drop(int priority_max, Wanted wanted) {
    std::vector<StoredBatch> first;
    Query query = db_.use(sql::kFirstToDrop);
    query.bind(":priority_max", priority_max);
    while (true) {
      auto next = next_stored(query);
      if (!next) return failed(next);
      if (!*next || !wanted(**next)) return first;
      first.push_back(std::move(**next));
    }
  }
  /// Its loss becomes a drop of its route. Drops that it would have reported wait for the next batch again.
  [[nodiscard]] Result<void> drop_batch(const StoredBatch& batch, DropReason reason, WallTime dropped);
  /// Drops that are too many for the route then are merged.
  [[nodiscard]] Result<void> add_drop(const DropRecord& drop);
  /// The same; but what never made a batch, and is counted, goes into the route's newest such drop of that reason if
  /// that began less than a minute before, no batch tells of it yet and none has been handed it: a loss that goes on
  /// makes no row each commit.
  [[nodiscard]] Result<void> add_loss(const DropRecord& loss);

  /// What a salvaged delivery had come to. An empty `last_error` is none.
  [[nodiscard]] Result<void> restore_delivery(std::int64_t batch_row, const SinkName& sink, std::string_view state,
                                              std::uint64_t attempts, std::string_view last_error);

  /// The row of the drop alone: nothing is merged.
  [[nodiscard]] Result<std::int64_t> insert_drop(const DropRecord& drop);
  /// Merges unreported drops of the route that are not handed out until kDropRowsMax are left.
  [[nodiscard]] Result<void> bound_drops(const RouteName& route);
  /// Until take_back_drops the drop stays as it is.
  [[nodiscard]] Result<void> hand_out_drop(std::int64_t drop_row, const RouteName& route);
  [[nodiscard]] Result<void> take_back_drops(const RouteName& route);

  // The functions of Spool of the same names: spool_drops.cpp, spool_deliveries.cpp.
  [[nodiscard]] Result<std::vector<DropRecord>> unreported_drops(const RouteName& route,
                                                                 std::size_t count_max = kDropRowsMax);
  [[nodiscard]] Result<std::vector<DropRecord>> hand_out_drops(const RouteName& route);
  [[nodiscard]] Result<std::uint64_t> expire(const RouteName& route, const SealedSpan& span, WallTime now,
                                             std::uint64_t count_max);
  [[nodiscard]] Result<void> drop_damaged(std::int64_t batch_row);
  [[nodiscard]] Result<void> confirm(const SinkName& sink, std::int64_t batch_row);
  [[nodiscard]] Result<void> record_attempt(const SinkName& sink, std::int64_t batch_row, std::string_view why);
  [[nodiscard]] Result<void> quarantine(const SinkName& sink, std::int64_t batch_row, std::string_view why);
  [[nodiscard]] Result<SourceMark> source_mark(const std::string& source);
  [[nodiscard]] Result<void> set_mark(const SourceMark& mark);
  [[nodiscard]] Result<std::vector<std::string>> subscriptions(std::string_view source);
  [[nodiscard]] Result<void> set_subscriptions(std::string_view source, const std::vector<std::string>& filters);
  [[nodiscard]] Result<std::uint64_t> keep_sinks(const std::vector<SinkName>& configured);

 private:
  [[nodiscard]] static Result<std::optional<StoredBatch>> next_stored(Query& query);
  [[nodiscard]] Result<std::vector<SinkName>> sinks();
  [[nodiscard]] Result<std::vector<SinkName>> sinks_of_journals();
  [[nodiscard]] Result<std::uint64_t> forget_sink(const SinkName& sink);
  [[nodiscard]] Result<void> settle(std::int64_t batch_row);
  [[nodiscard]] Result<void> remove_batch(const StoredBatch& batch);
  [[nodiscard]] Result<void> add_route(const RouteName& route);

  Connection& db_;
};

}  // namespace edgeseal::storage
