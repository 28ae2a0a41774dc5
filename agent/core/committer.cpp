// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/committer.h"

#include <algorithm>
#include <utility>

#include "crypto/base/ensure.h"

namespace edgeseal::agent {
namespace {

void put_earlier(std::optional<MonotonicTime>& earliest, std::optional<MonotonicTime> other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

}  // namespace

Committer::Committer(Sources sources, std::vector<RouteSetup> routes, config::CommitOptions options,
                     storage::Spool& spool, Sealer& sealer, Recovering recovering, const Clock& clock,
                     Observer& observer)
    : router_(options_of(routes)),
      options_(options),
      spool_(spool),
      clock_(clock),
      observer_(observer),
      sources_(std::move(sources)),
      expiry_(options_of(routes), spool, observer),
      state_(std::move(recovering)) {
  for (RouteSetup& route : routes) lanes_.push_back(std::make_unique<Lane>(std::move(route), spool, sealer));
}

Result<std::unique_ptr<Committer>> Committer::create(const std::vector<config::NamedSource>& sources,
                                                     std::vector<RouteSetup> routes, config::CommitOptions options,
                                                     storage::Spool& spool, Sealer& sealer, const Clock& clock,
                                                     Observer& observer) {
  auto intakes = Sources::create(sources, spool, sealer);
  if (!intakes) return failed(intakes);
  auto recovery = Recovery::load(spool);
  if (!recovery) return failed(recovery);
  return std::unique_ptr<Committer>(new Committer(std::move(*intakes), std::move(routes), options, spool, sealer,
                                                  {std::move(*recovery), Hold(clock)}, clock, observer));
}

// --- what comes ---

SourceIntake& Committer::note_arrival(const std::string& source, transport::ArrivalNumber number,
                                      bool awaits_acknowledgement, Now now) {
  ENSURE(!full());
  std::get<Gathering>(state_).anything_new = true;
  note_news(now);
  SourceIntake& from = sources_.at(source);
  from.on_arrival(number, awaits_acknowledgement, now);
  return from;
}

void Committer::note_news(Now now) {
  if (!commit_deadline_) commit_deadline_ = now.monotonic + options_.interval;
}

Result<void> Committer::on_message(const std::string& source, transport::ArrivalNumber number,
                                   transport::ArrivalNumber acknowledged, transport::Message message, Now now) {
  SourceIntake& from = note_arrival(source, number, message.qos > 0, now);
  const std::optional<std::size_t> route = router_.route_for(source, message.topic);
  if (!route) {
    from.pass_over();
    observer_.on_unrouted(message.topic);
    return {};
  }
  Lane& lane = *lanes_[*route];
  auto seen = from.look_at(message, number, acknowledged);
  if (!seen) return failed(seen);
  switch (*seen) {
    case SourceIntake::Seen::before:
      observer_.on_redelivered(lane.route().name);
      return {};
    case SourceIntake::Seen::as_copy:
      observer_.on_copy(lane.route().name);
      return {};
    case SourceIntake::Seen::never:
      break;
  }
  lane.add(std::move(message), number, now.monotonic);
  observer_.on_received(lane.route().name);
  return {};
}

void Committer::on_too_large(const std::string& source, transport::ArrivalNumber number, const std::string& topic,
                             Now now) {
  SourceIntake& from = note_arrival(source, number, true, now);
  from.pass_over();
  const std::optional<std::size_t> route = router_.route_for(source, topic);
  if (!route) return observer_.on_unrouted(topic);
  from.on_loss(number);
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
  SourceIntake& from = sources_.at(source);
  if (from.on_connected(session_present)) lose_of_source(source, storage::DropReason::session_lost, 0, now);
  if (from.has_news()) note_news(now);
}

void Committer::on_broker_dropped(const std::string& source, std::uint64_t total, Now now) {
  SourceIntake& from = sources_.at(source);
  const std::uint64_t dropped = from.on_broker_dropped(total);
  if (dropped > 0) lose_of_source(source, storage::DropReason::broker_dropped, dropped, now);
  if (from.has_news()) note_news(now);
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
  return !std::holds_alternative<Gathering>(state_) ||
         std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->batcher().full(); });
}

std::optional<MonotonicTime> Committer::next_deadline() const {
  if (const auto* recovering = std::get_if<Recovering>(&state_)) return recovering->hold.next_try();
  if (const auto* staged = std::get_if<StagedCommit>(&state_)) return staged->next_try();
  std::optional<MonotonicTime> earliest = commit_deadline_;
  put_earlier(earliest, expiry_.next_deadline());
  for (const auto& lane : lanes_) put_earlier(earliest, lane->batcher().age_deadline());
  return earliest;
}

std::size_t Committer::arrivals_awaited() const {
  const auto* gathering = std::get_if<Gathering>(&state_);
  if (gathering == nullptr || !gathering->anything_new) return 1;  // the first sets the deadline
  return sources_.missing_from_windows();
}

CommitReport Committer::advance_to(Now now) {
  CommitReport report;
  report.outcome = commit_if_due(now, report);
  return report;
}

Result<void> Committer::commit_if_due(Now now, CommitReport& report) {
  const auto deadline = next_deadline();
  const bool reached = deadline && now.monotonic >= *deadline;
  if (auto* recovering = std::get_if<Recovering>(&state_)) {
    if (!reached) return {};
    return recover(*recovering, report);
  }
  if (auto expired = expiry_.advance_to(now); !expired) {
    if (is_final(expired.error())) return expired;
    observer_.on_expiry_held(expired.error(), *expiry_.next_deadline());
  }
  if (const auto* gathering = std::get_if<Gathering>(&state_)) {
    const bool window_filled = gathering->anything_new && sources_.some_window_filled();
    if (!reached && !full() && !window_filled) return {};
  } else if (!reached) {
    return {};
  }
  if (reached) sources_.note_silence(options_.interval / 2, now);
  return commit_all(now, false, report);
}

// --- from state to state ---

Result<void> Committer::recover(Recovering& recovering, CommitReport& report) {
  auto done = recovering.recovery.go_on(report);
  for (auto lane = lanes_.begin(); done && lane != lanes_.end(); ++lane) done = (*lane)->find_tip();
  if (done) {
    state_ = Gathering{};
  } else if (!recovering.hold.take(done.error(), report)) {
    return done;
  }
  return {};
}

CommitReport Committer::commit(Now now, bool close) {
  CommitReport report;
  report.outcome = commit_all(now, close, report);
  return report;
}

Result<void> Committer::commit_all(Now now, bool close, CommitReport& report) {
  if (std::holds_alternative<Recovering>(state_)) return {};
  const auto open = [](const auto& lane) { return !lane->batcher().empty(); };
  do {
    if (auto done = stage(now, close, report); !done) return done;
    auto& staged = std::get<StagedCommit>(state_);
    if (auto done = staged.commit(now, report); !done) return failed(done, "commit");
    if (staged.losses_durable()) sources_.on_losses_durable();
    if (staged.done()) state_ = Gathering{};
    // What was staged before may have left batches open.
  } while (close && std::holds_alternative<Gathering>(state_) && std::any_of(lanes_.begin(), lanes_.end(), open));
  report.releases = sources_.release(lanes_);
  return {};
}

Result<void> Committer::stage(Now now, bool close, CommitReport& report) {
  if (std::holds_alternative<Gathering>(state_)) state_.emplace<StagedCommit>(spool_, lanes_, clock_);
  auto& staged = std::get<StagedCommit>(state_);
  if (!staged.empty()) return {};
  commit_deadline_.reset();
  return staged.stage(losses_.take(), sources_.begin_commit(), now, close, report);
}

}  // namespace edgeseal::agent
