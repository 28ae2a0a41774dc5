// SPDX-License-Identifier: GPL-3.0-or-later
// The half of SpoolTables that deals with what happens to a batch once it is stored: sinks, ages, subscriptions.
#include <algorithm>

#include "storage/spool_sql.h"
#include "storage/spool_tables.h"

namespace edgeseal::storage {

/// What becomes of a batch when one of its deliveries has ended: it goes when nobody waits for it any more, and the
/// drops that it reported with it. If nobody ever got it, that is a drop too.
Result<void> SpoolTables::settle(std::int64_t batch_row) {
  bool confirmed = false;
  {
    Query query = db_.use(sql::kCountDeliveriesOf);
    auto row = query.bind(":batch_row", batch_row).next();
    if (!row) return failed(row);
    if (query.integer(1) != 0) return {};
    confirmed = query.integer(0) != 0;
  }
  auto stored = batch(batch_row);
  if (!stored) return failed(stored);
  if (!*stored) return {};
  if (!confirmed) {
    auto newest_seen = newest();
    if (!newest_seen) return failed(newest_seen);
    return drop_batch(**stored, DropReason::no_sink, *newest_seen);
  }
  if (auto done = db_.use(sql::kForgetReported).bind(":batch_row", batch_row).run(); !done) return done;
  return remove_batch(**stored);
}

Result<std::uint64_t> SpoolTables::expire(const RouteName& route, const SealedSpan& span, WallTime now,
                                          std::uint64_t count_max) {
  std::vector<StoredBatch> old;
  {
    Query query = db_.use(sql::kExpired);
    query.bind(":route", route.text)
        .bind(":not_before_us", span.begin)
        .bind(":sealed_before_us", span.end)
        .bind(":count_max", count_max);
    while (true) {
      auto next = next_stored(query);
      if (!next) return failed(next);
      if (!*next) break;
      old.push_back(std::move(**next));
    }
  }
  for (const StoredBatch& batch : old) {
    if (auto dropped = drop_batch(batch, DropReason::expired, now); !dropped) return failed(dropped);
  }
  return old.size();
}

Result<void> SpoolTables::drop_damaged(std::int64_t batch_row) {
  auto stored = batch(batch_row);
  if (!stored) return failed(stored);
  if (!*stored) return {};
  auto newest_seen = newest();
  if (!newest_seen) return failed(newest_seen);
  return drop_batch(**stored, DropReason::damaged, *newest_seen);
}

Result<void> SpoolTables::confirm(const SinkName& sink, std::int64_t batch_row) {
  auto updated = db_.use(sql::kConfirm).bind(":batch_row", batch_row).bind(":sink", sink.text).run();
  if (!updated) return updated;
  if (db_.changes() == 0) return {};
  return settle(batch_row);
}

Result<void> SpoolTables::record_attempt(const SinkName& sink, std::int64_t batch_row, std::string_view why) {
  return db_.use(sql::kRecordAttempt).bind(":batch_row", batch_row).bind(":sink", sink.text).bind(":why", why).run();
}

Result<void> SpoolTables::quarantine(const SinkName& sink, std::int64_t batch_row, std::string_view why) {
  return db_.use(sql::kQuarantine).bind(":batch_row", batch_row).bind(":sink", sink.text).bind(":why", why).run();
}

Result<void> SpoolTables::restore_delivery(std::int64_t batch_row, const SinkName& sink, std::string_view state,
                                           std::uint64_t attempts, std::string_view last_error) {
  return db_.use(sql::kRestoreDelivery)
      .bind(":batch_row", batch_row)
      .bind(":sink", sink.text)
      .bind(":state", state)
      .bind(":attempts", attempts)
      .bind(":last_error", last_error)
      .run();
}

Result<SourceMark> SpoolTables::source_mark(const std::string& source) {
  SourceMark mark{.source = source};
  Query query = db_.use(sql::kSelectMark);
  auto row = query.bind(":source", source).next();
  if (!row) return failed(row);
  if (!*row) return mark;
  mark.session = query.integer(0) != 0;
  if (!query.is_null(1)) mark.broker_dropped = query.as<std::uint64_t>(1);
  return mark;
}

Result<void> SpoolTables::set_mark(const SourceMark& mark) {
  Query query = db_.use(sql::kSetMark);
  query.bind(":source", mark.source).bind(":session", mark.session);
  if (mark.broker_dropped) {
    query.bind(":broker_dropped", *mark.broker_dropped);
  } else {
    query.bind_null(":broker_dropped");
  }
  return query.run();
}

Result<std::vector<std::string>> SpoolTables::subscriptions(std::string_view source) {
  std::vector<std::string> filters;
  Query query = db_.use(sql::kSelectSubscriptions);
  query.bind(":source", source);
  while (true) {
    auto row = query.next();
    if (!row) return failed(row);
    if (!*row) return filters;
    filters.push_back(query.text(0));
  }
}

Result<void> SpoolTables::set_subscriptions(std::string_view source, const std::vector<std::string>& filters) {
  if (auto done = db_.use(sql::kDeleteSubscriptions).bind(":source", source).run(); !done) return done;
  for (const std::string& filter : filters) {
    auto done = db_.use(sql::kInsertSubscription).bind(":source", source).bind(":filter", filter).run();
    if (!done) return done;
  }
  return {};
}

Result<std::vector<SinkName>> SpoolTables::sinks() {
  std::vector<SinkName> sinks;
  while (true) {
    Query query = db_.use(sql::kNextSink);
    auto row = query.bind(":after", sinks.empty() ? std::string_view() : std::string_view(sinks.back().text)).next();
    if (!row) return failed(row);
    if (!*row) return sinks;
    sinks.push_back({query.text(0)});
  }
}

Result<std::uint64_t> SpoolTables::forget_sink(const SinkName& sink) {
  std::vector<std::int64_t> rows;
  std::uint64_t forgotten = 0;
  {
    Query query = db_.use(sql::kSelectDeliveriesOfSink);
    query.bind(":sink", sink.text);
    while (true) {
      auto row = query.next();
      if (!row) return failed(row);
      if (!*row) break;
      // A confirmed delivery stays: it is how one knows that the batch reached somebody.
      if (query.integer(1) == 0) continue;
      rows.push_back(query.integer(0));
      ++forgotten;
    }
  }
  for (const std::int64_t row : rows) {
    auto deleted = db_.use(sql::kDeleteDelivery).bind(":batch_row", row).bind(":sink", sink.text).run();
    if (!deleted) return failed(deleted);
    if (auto settled = settle(row); !settled) return failed(settled);
  }
  return forgotten;
}

Result<std::vector<SinkName>> SpoolTables::sinks_of_journals() {
  std::vector<SinkName> sinks;
  Query query = db_.use(sql::kSinksOfJournals);
  while (true) {
    auto row = query.next();
    if (!row) return failed(row);
    if (!*row) return sinks;
    sinks.push_back({query.text(0)});
  }
}

Result<std::uint64_t> SpoolTables::keep_sinks(const std::vector<SinkName>& configured) {
  const auto kept = [&](const SinkName& sink) {
    return std::find(configured.begin(), configured.end(), sink) != configured.end();
  };
  auto of_journals = sinks_of_journals();
  if (!of_journals) return failed(of_journals);
  for (const SinkName& sink : *of_journals) {
    if (kept(sink)) continue;
    if (auto done = db_.use(sql::kForgetJournalSink).bind(":sink", sink.text).run(); !done) return failed(done);
  }
  auto known = sinks();
  if (!known) return failed(known);
  std::uint64_t forgotten = 0;
  for (const SinkName& sink : *known) {
    if (kept(sink)) continue;
    auto count = forget_sink(sink);
    if (!count) return failed(count);
    forgotten += *count;
  }
  return forgotten;
}

}  // namespace edgeseal::storage
