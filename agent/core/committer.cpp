// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/committer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "crypto/base/ensure.h"

namespace edgeseal::agent {
namespace {

constexpr Duration kHeldCommitRetry = std::chrono::seconds(1);

Record to_record(transport::Message&& message) {
  return {
      .received = message.received,
      .topic = std::move(message.topic),
      .payload = std::move(message.payload),
      .qos = message.qos,
      .retain = message.retain,
      .dup = message.dup,
      .packet_id = message.packet_id,
      .connection = message.connection,
      .properties = std::move(message.properties),
  };
}

std::vector<config::RouteOptions> options_of(const std::vector<RouteSetup>& routes) {
  std::vector<config::RouteOptions> options;
  options.reserve(routes.size());
  for (const RouteSetup& route : routes) options.push_back(route.options);
  return options;
}

void put_earlier(std::optional<MonotonicTime>& earliest, std::optional<MonotonicTime> other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

}  // namespace

Committer::Committer(const std::vector<config::NamedSource>& sources, std::vector<RouteSetup> routes,
                     config::CommitOptions options, storage::Spool& spool, Sealer& sealer, const Clock& clock,
                     Observer& observer)
    : router_(options_of(routes)),
      options_(options),
      spool_(spool),
      sealer_(sealer),
      clock_(clock),
      observer_(observer),
      recovery_(spool),
      expiry_(options_of(routes), spool, observer) {
  for (const config::NamedSource& source : sources) {
    sources_.emplace(source.name, SourceState{.window = WindowEstimate(source.mqtt.receive_maximum)});
  }
  for (RouteSetup& route : routes) lanes_.push_back(std::make_unique<Lane>(std::move(route), spool, sealer));
}

// --- what an earlier process left ---

CommitReport Committer::recover(Now /*now*/) {
  CommitReport report;
  report.outcome = begin_recovery(report);
  return report;
}

Result<void> Committer::begin_recovery(CommitReport& report) {
  for (auto& [name, source] : sources_) {
    auto mark = spool_.source_mark(name);
    if (!mark) return failed(mark, "read what is known of " + name);
    source.upstream = Upstream(std::move(*mark));
    auto of_redelivery = sealer_.new_fingerprinter();
    if (!of_redelivery) return failed(of_redelivery);
    source.redelivery.emplace(std::move(*of_redelivery));
    auto of_copies = sealer_.new_fingerprinter();
    if (!of_copies) return failed(of_copies);
    source.copies.emplace(std::move(*of_copies));
  }
  if (auto loaded = recovery_.load(); !loaded) return loaded;
  return resume_recovery(report);
}

Result<void> Committer::resume_recovery(CommitReport& report) {
  if (auto promoted = recovery_.go_on(report); !promoted) {
    if (hold(promoted.error(), report)) return {};
    return promoted;
  }
  for (auto& lane : lanes_) {
    auto found = lane->find_tip();
    if (found) continue;
    if (hold(found.error(), report)) return {};
    return found;
  }
  recovered_ = true;
  return {};
}

Result<void> Committer::on_spool_loss(storage::DropReason reason, Now now) {
  for (const auto& lane : lanes_) {
    auto told = spool_.unreported_drops(lane->route().name);
    if (!told) return failed(told);
    const bool known = std::any_of(told->begin(), told->end(), [&](const auto& drop) { return drop.reason == reason; });
    if (!known) lose(lane->route().name, reason, 0, now);
  }
  return {};
}

// --- what comes ---

void Committer::note_arrival(SourceState& from, transport::ArrivalNumber number, Now now) {
  from.newest = number;
  from.last_arrival = now.monotonic;
  anything_new_ = true;
  note_news(now);
}

void Committer::note_news(Now now) {
  if (!commit_deadline_) commit_deadline_ = now.monotonic + options_.interval;
}

Result<void> Committer::on_message(const std::string& source, transport::ArrivalNumber number,
                                   transport::ArrivalNumber acknowledged, transport::Message message, Now now) {
  ENSURE(!full());
  SourceState& from = sources_.at(source);
  note_arrival(from, number, now);
  if (message.qos > 0) from.window.on_arrival(++from.waiting);
  const std::optional<std::size_t> route = router_.route_for(source, message.topic);
  if (!route) {
    from.copies->end_run();
    observer_.on_unrouted(message.topic);
    return {};
  }
  Lane& lane = *lanes_[*route];
  auto copy = from.copies->is_copy(message);
  if (!copy) return failed(copy);
  // Of a copy too, which the broker sends again like any other until it is acknowledged.
  auto repeated = from.redelivery->is_repetition(message, number, acknowledged);
  if (!repeated) return failed(repeated);
  if (*repeated) {
    observer_.on_redelivered(lane.route().name);
    return {};
  }
  if (*copy) {
    observer_.on_copy(lane.route().name);
    return {};
  }
  lane.add(to_record(std::move(message)), number, now.monotonic);
  observer_.on_received(lane.route().name);
  return {};
}

void Committer::on_too_large(const std::string& source, transport::ArrivalNumber number, const std::string& topic,
                             Now now) {
  ENSURE(!full());
  SourceState& from = sources_.at(source);
  note_arrival(from, number, now);
  from.window.on_arrival(++from.waiting);
  from.copies->end_run();
  const std::optional<std::size_t> route = router_.route_for(source, topic);
  if (!route) return observer_.on_unrouted(topic);
  if (!from.loss) from.loss = number;
  lose(lanes_[*route]->route().name, storage::DropReason::too_large, 1, now);
}

void Committer::on_qos0_dropped(std::size_t route, transport::Qos0Loss why, std::uint64_t count, Now now) {
  const auto reason =
      why == transport::Qos0Loss::too_large ? storage::DropReason::too_large : storage::DropReason::qos0_full;
  lose(lanes_[route]->route().name, reason, count, now);
}

Result<void> Committer::on_subscriptions(const std::string& source, const std::vector<std::string>& all) {
  auto set = spool_.set_subscriptions(source, all);
  if (!set && is_final(set.error())) return set;
  return {};
}

void Committer::on_connected(const std::string& source, bool session_present, Now now) {
  SourceState& from = sources_.at(source);
  if (!session_present) from.redelivery->forget();
  Upstream& upstream = from.upstream;
  if (upstream.session_lost(session_present)) lose_of_source(source, storage::DropReason::session_lost, 0, now);
  if (upstream.changed()) note_news(now);
}

void Committer::on_broker_dropped(const std::string& source, std::uint64_t total, Now now) {
  Upstream& upstream = sources_.at(source).upstream;
  const std::uint64_t dropped = upstream.newly_dropped(total);
  if (dropped > 0) lose_of_source(source, storage::DropReason::broker_dropped, dropped, now);
  if (upstream.changed()) note_news(now);
}

void Committer::lose(const RouteName& route, storage::DropReason reason, std::uint64_t records, Now now) {
  losses_.add(route, reason, records, now.wall);
  note_news(now);
  observer_.on_lost(route, reason, records);
}

void Committer::lose_of_source(const std::string& source, storage::DropReason reason, std::uint64_t records, Now now) {
  for (const auto& lane : lanes_) {
    if (lane->route().source == source) lose(lane->route().name, reason, records, now);
  }
}

// --- when to commit ---

bool Committer::full() const {
  return !staged_.empty() || unread_ || !recovered_ ||
         std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->batcher().full(); });
}

std::optional<MonotonicTime> Committer::next_deadline() const {
  if (!staged_.empty() || unread_ || !recovered_) return next_try_;
  std::optional<MonotonicTime> earliest = commit_deadline_;
  put_earlier(earliest, expiry_.next_deadline());
  for (const auto& lane : lanes_) put_earlier(earliest, lane->batcher().age_deadline());
  return earliest;
}

std::size_t Committer::arrivals_awaited() const {
  if (!anything_new_) return 1;  // the first sets the deadline
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [name, source] : sources_) fewest = std::min(fewest, source.window.missing_from(source.waiting));
  return fewest;
}

CommitReport Committer::advance_to(Now now) {
  CommitReport report;
  report.outcome = commit_if_due(now, report);
  return report;
}

Result<void> Committer::commit_if_due(Now now, CommitReport& report) {
  const auto deadline = next_deadline();
  const bool reached = deadline && now.monotonic >= *deadline;
  if (!recovered_) {
    if (!reached) return {};
    return resume_recovery(report);
  }
  if (auto expired = expiry_.advance_to(now); !expired) {
    if (is_final(expired.error())) return failed(expired);
    observer_.on_expiry_held(expired.error(), *expiry_.next_deadline());
  }
  if ((!staged_.empty() || unread_) && !reached) return {};
  const bool window_filled = anything_new_ && std::any_of(sources_.begin(), sources_.end(), [](const auto& source) {
                               return source.second.window.filled_by(source.second.waiting);
                             });
  if (!reached && !full() && !window_filled) return {};
  if (reached) note_silences(now);
  return commit_all(now, false, report);
}

void Committer::note_silences(Now now) {
  for (auto& [name, source] : sources_) {
    const bool silent = now.monotonic - source.last_arrival >= options_.interval / 2;
    if (source.waiting > 0 && silent) source.window.on_silence(source.waiting);
  }
}

// --- the commit ---

CommitReport Committer::commit(Now now, bool close) {
  CommitReport report;
  report.outcome = commit_all(now, close, report);
  return report;
}

Result<void> Committer::commit_all(Now now, bool close, CommitReport& report) {
  if (!recovered_) return {};
  const auto open = [](const auto& lane) { return !lane->batcher().empty(); };
  do {
    if (staged_.empty()) {
      if (auto done = stage(now, close, report); !done) return done;
    }
    if (auto done = try_staged(now, report); !done) return failed(done, "commit");
    // What was staged before may have left batches open.
  } while (close && staged_.empty() && !unread_ && std::any_of(lanes_.begin(), lanes_.end(), open));
  report.releases = releases();
  return {};
}

Result<void> Committer::stage(Now now, bool close, CommitReport& report) {
  Part whole;
  if (auto done = stage_lanes(whole, now, close, report); !done) return done;
  whole.change.drops = losses_.take();
  for (auto& [name, source] : sources_) {
    if (source.upstream.changed()) whole.change.marks.push_back(source.upstream.mark());
    source.upstream.recorded();
    if (anything_new_) source.waiting = 0;
  }
  anything_new_ = false;
  commit_deadline_.reset();
  if (!whole.lanes.empty() || !whole.change.drops.empty() || !whole.change.marks.empty()) {
    staged_.push_back(std::move(whole));
  }
  return {};
}

Result<void> Committer::stage_lanes(Part& part, Now now, bool close, CommitReport& report) {
  unread_ = false;
  for (auto& lane : lanes_) {
    auto added = lane->stage(part.change, now, close);
    if (!added) {
      if (is_final(added.error())) return failed(added);
      if (!unread_) (void)hold(added.error(), report);
      unread_ = true;
    } else if (*added) {
      part.lanes.push_back(lane.get());
    }
  }
  part.closed = close;
  return {};
}

Result<void> Committer::restage_closed(Part& whole, Now now, CommitReport& report) {
  for (Lane* lane : whole.lanes) lane->unstage();
  whole.lanes.clear();
  whole.change.journals.clear();
  whole.change.frames.clear();
  whole.change.batches.clear();
  return stage_lanes(whole, now, true, report);
}

Releases Committer::releases() {
  Releases releases;
  for (auto& [name, source] : sources_) {
    transport::ArrivalNumber until = source.newest;
    const auto wait_for = [&](std::optional<transport::ArrivalNumber> first) {
      if (first) until = std::min(until, *first - 1);
    };
    wait_for(source.loss);
    for (const auto& lane : lanes_) {
      if (lane->route().source == name) wait_for(lane->waits_from());
    }
    if (until <= source.released) continue;
    source.released = until;
    releases[name] = until;
  }
  return releases;
}

Result<void> Committer::try_staged(Now now, CommitReport& report) {
  std::optional<Error> refusal;
  // One part may make room for another: an open journal that is closed, and can be dropped then.
  for (bool moved = true; moved && !staged_.empty();) {
    moved = false;
    refusal.reset();
    for (std::size_t i = 0; i < staged_.size();) {
      auto done = commit_part(staged_[i], refusal, now, report);
      if (!done && !hold(done.error(), report)) return failed(done);
      if (!done) return {};
      if (*done) {
        staged_.erase(staged_.begin() + static_cast<std::ptrdiff_t>(i));
        moved = true;
      } else if (!staged_[i].by_pieces && !staged_[i].closed) {
        if (auto closed = restage_closed(staged_[i], now, report); !closed) return closed;
      } else if (!staged_[i].by_pieces && !staged_[i].lanes.empty()) {
        staged_ = split(std::move(staged_[i]));
        i = 0;
      } else {
        ++i;
      }
    }
  }
  if (!staged_.empty() && refusal) (void)hold(*refusal, report);
  return {};
}

std::vector<Committer::Part> Committer::split(Part whole) {
  std::vector<Part> parts;
  const auto move_to = [](auto& from, auto& to, const RouteName& route) {
    for (auto& one : from) {
      if (one.route == route) to.push_back(std::move(one));
    }
  };
  std::stable_sort(whole.lanes.begin(), whole.lanes.end(),
                   [](const Lane* one, const Lane* other) { return one->route().priority > other->route().priority; });
  for (Lane* lane : whole.lanes) {
    Part& part = parts.emplace_back(Part{.lanes = {lane}});
    move_to(whole.change.journals, part.change.journals, lane->route().name);
    move_to(whole.change.frames, part.change.frames, lane->route().name);
    move_to(whole.change.batches, part.change.batches, lane->route().name);
    part.by_pieces = true;
  }
  if (!whole.change.drops.empty() || !whole.change.marks.empty()) {
    Part& rest = parts.emplace_back();
    rest.closed = true;
    rest.change.drops = std::move(whole.change.drops);
    rest.change.marks = std::move(whole.change.marks);
  }
  return parts;
}

bool Committer::may_be_divided(const Part& part) const {
  if (!part.by_pieces) return false;
  if (part.change.batches.empty()) return !part.change.frames.empty();
  const storage::SealedBatch& batch = part.change.batches.front();
  const std::uint64_t committed = part.lanes.front()->batcher().committed_records();
  return (committed > 0 && batch.records > committed) || !spool_.could_hold(batch.object.size());
}

Result<bool> Committer::stage_piece(Part& part, Now now) {
  Lane& lane = *part.lanes.front();
  while (true) {
    lane.unstage();
    part.change = {};
    auto staged = lane.stage_piece(part.change, now, part.records_max);
    if (!staged || !*staged) return staged;
    const bool durable = lane.batcher().committed_records() > 0;
    const storage::SealedBatch& batch = part.change.batches.front();
    if (durable || spool_.could_hold(batch.object.size())) return true;
    if (batch.records > 1) {
      part.records_max = batch.records / 2;
      continue;
    }
    part.change = {};
    lane.unstage();
    lane.stage_loss(part.change, now);
    part.records_max = std::numeric_limits<std::uint64_t>::max();
    return true;
  }
}

Result<bool> Committer::commit_part(Part& part, std::optional<Error>& refusal, Now now, CommitReport& report) {
  while (true) {
    auto committed = spool_.commit(part.change);
    if (committed) {
      apply(part, std::move(*committed), report);
      const bool divided = std::exchange(part.change, {}).frames.empty() && part.by_pieces;
      // Of a frame nothing is left; of a piece, what was not in it.
      if (!divided || part.lanes.empty()) return true;
    } else if (committed.error().kind != Kind::full) {
      return failed(committed);
    } else if (!may_be_divided(part)) {
      refusal = committed.error();
      return false;
    }
    auto more = stage_piece(part, now);
    if (!more) return more;
    if (!*more) return true;
  }
}

bool Committer::hold(const Error& refusal, CommitReport& report) {
  if (is_final(refusal)) return false;
  next_try_ = clock_.now().monotonic + kHeldCommitRetry;
  report.held.push_back({refusal, next_try_});
  return true;
}

void Committer::apply(Part& part, std::vector<storage::DropRecord> dropped, CommitReport& report) {
  std::move(dropped.begin(), dropped.end(), std::back_inserter(report.lost));
  std::move(part.change.batches.begin(), part.change.batches.end(), std::back_inserter(report.batches));
  for (Lane* lane : part.lanes) lane->apply(report);
  const bool all = staged_.size() == 1 && !part.by_pieces;
  if (!all && !part.lanes.empty()) return;
  for (auto& [name, source] : sources_) source.loss.reset();
}

}  // namespace edgeseal::agent
