// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/committer.h"

#include <algorithm>

#include "agent/core/journal.h"
#include "crypto/base/ensure.h"
#include "crypto/primitives/sha2.h"

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
      .properties = {.user = std::move(message.properties.user),
                     .content_type = std::move(message.properties.content_type),
                     .response_topic = std::move(message.properties.response_topic),
                     .correlation_data = std::move(message.properties.correlation_data),
                     .payload_format = message.properties.payload_format,
                     .message_expiry_seconds = message.properties.message_expiry_seconds},
  };
}

std::vector<config::RouteOptions> options_of(const std::vector<RouteSetup>& routes) {
  std::vector<config::RouteOptions> options;
  options.reserve(routes.size());
  for (const RouteSetup& route : routes) options.push_back(route.options);
  return options;
}

}  // namespace

Committer::Committer(const std::vector<config::NamedSource>& sources, std::vector<RouteSetup> routes,
                     config::CommitOptions options, storage::Spool& spool, Sealer& sealer, Observer& observer)
    : router_(options_of(routes)), options_(options), spool_(spool), sealer_(sealer), observer_(observer) {
  for (const config::NamedSource& source : sources) {
    sources_.emplace(source.name, SourceState{WindowEstimate(source.mqtt.receive_maximum), 0, 0, {}, {}});
  }
  for (RouteSetup& route : routes) {
    const config::BatchOptions limits = route.options.batch;
    lanes_.push_back(std::make_unique<Lane>(Lane{std::move(route), Batcher(limits), {}, {}, nullptr}));
  }
}

Result<void> Committer::recover() {
  auto leftovers = spool_.leftover_journals();
  if (!leftovers) return failed(leftovers, "read the journals of the last run");
  for (const storage::LeftoverJournal& journal : *leftovers) {
    auto tip = spool_.tip(journal.start.route);
    if (!tip) return failed(tip);
    auto promotion = promote(journal, *tip);
    if (!promotion) return failed(promotion);
    if (!promotion->batch.object.empty()) observer_.on_batch_sealed(promotion->batch);
    storage::SpoolChange change;
    change.batches.push_back(std::move(promotion->batch));
    change.drops = std::move(promotion->lost);
    if (auto committed = spool_.commit(change); !committed) return failed(committed, "promote a journal");
  }
  for (auto& lane : lanes_) {
    auto tip = spool_.tip(lane->setup.options.name);
    if (!tip) return failed(tip);
    lane->tip = *tip;
  }
  return {};
}

Result<void> Committer::on_message(const std::string& source, transport::ArrivalNumber number,
                                   transport::ArrivalNumber acknowledged, transport::Message message, Now now) {
  ENSURE(!full());
  SourceState& from = sources_.at(source);
  from.newest = number;
  from.last_arrival = now.monotonic;
  if (message.qos > 0) from.window.on_arrival(++from.waiting);
  if (!anything_new_) commit_deadline_ = now.monotonic + options_.interval;
  anything_new_ = true;
  const std::optional<std::size_t> route = router_.route_for(source, message.topic);
  if (!route) {
    observer_.on_unrouted(message.topic);
    return {};
  }
  Lane& lane = *lanes_[*route];
  auto repeated = from.redelivery.is_repetition(message, number, acknowledged);
  if (!repeated) return failed(repeated);
  if (*repeated) {
    observer_.on_redelivered(lane.setup.options.name);
    return {};
  }
  lane.batcher.add(to_record(std::move(message)), now.monotonic);
  observer_.on_received(lane.setup.options.name);
  return {};
}

bool Committer::full() const {
  return !staged_.empty() ||
         std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->batcher.full(); });
}

std::optional<MonotonicTime> Committer::next_deadline() const {
  if (!staged_.empty()) return next_try_;
  std::optional<MonotonicTime> earliest = anything_new_ ? commit_deadline_ : std::nullopt;
  for (const auto& lane : lanes_) {
    const auto deadline = lane->batcher.age_deadline();
    if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  }
  return earliest;
}

Result<Releases> Committer::advance_to(Now now) {
  const auto deadline = next_deadline();
  const bool reached = deadline && now.monotonic >= *deadline;
  const bool window_filled = anything_new_ && std::any_of(sources_.begin(), sources_.end(), [](const auto& source) {
                               return source.second.window.filled_by(source.second.waiting);
                             });
  if (!reached && !full() && !window_filled) return Releases{};
  if (reached) note_silences(now);
  return commit(now);
}

void Committer::note_silences(Now now) {
  for (auto& [name, source] : sources_) {
    const bool silent = now.monotonic - source.last_arrival >= options_.interval / 2;
    if (source.waiting > 0 && silent) source.window.on_silence(source.waiting);
  }
}

void Committer::stage_releases() {
  for (auto& [name, source] : sources_) {
    if (source.newest > 0) staged_releases_[name] = source.newest;
    source.waiting = 0;
  }
}

Result<Releases> Committer::commit(Now now, bool close) {
  if (staged_.empty()) {
    for (auto& lane : lanes_) {
      if (auto staged = stage(*lane, now, close); !staged) return failed(staged);
    }
    if (anything_new_) stage_releases();
    anything_new_ = false;
    commit_deadline_.reset();
  }
  return try_staged(now);
}

Result<void> Committer::stage(Lane& lane, Now now, bool close) {
  if (lane.batcher.empty()) return {};
  if (close || lane.batcher.due(now.monotonic)) return stage_batch(lane, now);
  if (lane.batcher.uncommitted_records() > 0) return stage_frame(lane, now);
  return {};
}

Result<void> Committer::name_open_batch(Lane& lane) {
  if (lane.journal) return {};
  auto id = sealer_.new_batch_id();
  if (!id) return failed(id);
  lane.facts = {lane.setup.options.name, lane.tip.sequence.next(), lane.tip.digest, *id,
                lane.setup.options.compression.zstd_level};
  return {};
}

Result<void> Committer::stage_batch(Lane& lane, Now now) {
  if (auto named = name_open_batch(lane); !named) return named;
  auto unreported = spool_.unreported_drops(lane.facts.route);
  if (!unreported) return failed(unreported);
  std::vector<ReportedDrop> drops;
  storage::SealedBatch batch;
  for (storage::DropRecord& drop : *unreported) {
    drops.push_back({drop.sequence, drop.records, std::move(drop.reason), drop.dropped});
    batch.drops_reported.push_back(drop.row);
  }
  auto object = sealer_.seal_batch(lane.facts, lane.setup.keys, lane.batcher.content(), drops, now);
  if (!object) return failed(object, "route " + lane.facts.route.text);
  auto digest = crypto::sha256(*object);
  if (!digest) return failed(digest);
  batch.route = lane.facts.route;
  batch.sequence = lane.facts.sequence;
  batch.id = lane.facts.batch;
  batch.digest = *digest;
  batch.object = std::move(*object);
  batch.records = lane.batcher.records();
  batch.sealed = now.wall;
  batch.priority = lane.setup.options.priority;
  batch.sinks = lane.setup.options.sinks;
  staged_.push_back({&lane, ChainTip{batch.sequence, batch.digest}, lane.batcher.uncommitted_records()});
  change_.batches.push_back(std::move(batch));
  return {};
}

Result<void> Committer::stage_frame(Lane& lane, Now now) {
  if (auto named = name_open_batch(lane); !named) return named;
  if (!lane.journal) {
    auto journal = sealer_.open_journal(lane.facts, lane.setup.keys);
    if (!journal) return failed(journal, "route " + lane.facts.route.text);
    lane.journal = std::move(*journal);
    change_.journals.push_back({lane.facts.route, lane.facts.sequence, lane.facts.batch, lane.journal->shared_header(),
                                lane.setup.options.priority, lane.setup.options.sinks});
  }
  auto frame = sealer_.seal_frame(*lane.journal, lane.facts, lane.batcher.uncommitted(), now);
  if (!frame) return failed(frame, "route " + lane.facts.route.text);
  auto digest = crypto::sha256(*frame);
  if (!digest) return failed(digest);
  const std::uint32_t records = lane.batcher.uncommitted_records();
  change_.frames.push_back({lane.facts.route, lane.facts.batch, std::move(*frame), *digest, records, now.wall});
  staged_.push_back({&lane, std::nullopt, records});
  return {};
}

Result<Releases> Committer::try_staged(Now now) {
  if (!staged_.empty()) {
    auto committed = spool_.commit(change_);
    if (!committed) {
      const Kind kind = committed.error().kind;
      if (kind == Kind::corrupt || kind == Kind::fault) return failed(committed, "commit");
      next_try_ = now.monotonic + kHeldCommitRetry;
      observer_.on_commit_held(committed.error(), next_try_);
      return Releases{};
    }
    apply_staged();
  }
  return std::exchange(staged_releases_, {});
}

void Committer::apply_staged() {
  for (const storage::SealedBatch& batch : change_.batches) observer_.on_batch_sealed(batch);
  for (Staged& staged : staged_) {
    Lane& lane = *staged.lane;
    observer_.on_committed(lane.setup.options.name, staged.records);
    if (staged.closed_at) {
      lane.tip = *staged.closed_at;
      lane.journal.reset();
      lane.batcher.clear();
    } else {
      lane.batcher.mark_committed();
    }
  }
  staged_.clear();
  change_ = {};
}

}  // namespace edgeseal::agent
