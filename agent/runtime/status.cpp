// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/status.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "agent/runtime/version.h"

namespace edgeseal::agent {
namespace {

std::string name_of(const RouteName& route, Sequence sequence) {
  return "batch " + std::to_string(sequence.number) + " of route " + route.text;
}

std::string in_seconds(Duration wait) {
  const auto ms = std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(wait).count());
  return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

/// Null instead of 1970 for what has not happened yet.
nlohmann::ordered_json time_or_null(WallTime time) {
  if (time == WallTime{}) return nullptr;
  return format_rfc3339(time);
}

}  // namespace

Status::Status(const config::Options& options, Log& log, const Clock& clock)
    : gateway_(options.gateway), started_(clock.now().wall), log_(log), clock_(clock) {
  state_.with([&options](State& state) {
    for (const auto& source : options.sources) state.sources[source.name];
    for (const auto& route : options.routes) state.routes[route.name];
    for (const auto& sink : options.sinks) state.sinks[sink.name];
  });
}

void Status::on_received(const RouteName& route) {
  state_.with([&route](State& state) { ++state.routes[route].received; });
}

void Status::on_redelivered(const RouteName& route) {
  state_.with([&route](State& state) { ++state.routes[route].redelivered; });
}

void Status::on_copy(const RouteName& route) {
  state_.with([&route](State& state) { ++state.routes[route].copies; });
}

void Status::on_unrouted(std::string_view /*topic*/) {
  const bool first = state_.with([](State& state) { return ++state.unrouted == 1; });
  if (first) log_.warning("a message came that no route wants: acknowledged and counted, not stored");
}

void Status::on_commit(const CommitReport& report) {
  state_.with([&report](State& state) {
    for (const auto& [route, records] : report.committed) state.routes[route].committed += records;
    if (!report.committed.empty()) state.last_hold.clear();
  });
  for (const storage::DropRecord& lost : report.lost) on_lost(lost.route, lost.reason, lost.records);
  for (const storage::SealedBatch& batch : report.batches) on_batch_sealed(batch);
  for (const HeldCommit& held : report.held) on_commit_held(held);
}

void Status::on_batch_sealed(const storage::SealedBatch& batch) {
  state_.with([&batch](State& state) { ++state.routes[batch.route].batches_sealed; });
  const bool journal = batch.kind == storage::BatchKind::journal;
  const std::string line = (journal ? "recovered journal as " : "sealed ") + name_of(batch.route, batch.sequence) +
                           ": " + std::to_string(batch.records) + " records, " + std::to_string(batch.object.size()) +
                           " bytes";
  journal ? log_.info(line) : log_.debug(line);
}

void Status::on_lost(const RouteName& route, storage::DropReason reason, std::uint64_t records) {
  const bool first = state_.with([&](State& state) {
    const auto [entry, added] = state.routes[route].lost.try_emplace(std::string(text_of(reason)), 0);
    entry->second += records;
    return added;
  });
  const std::string count = records == 0 ? "an unknown number of" : std::to_string(records);
  const std::string line = "route " + route.text + " lost " + count + " messages (" + std::string(text_of(reason)) +
                           "); the next batch tells its owner";
  first ? log_.warning(line) : log_.debug(line);
}

void Status::on_expired(const RouteName& route, std::uint64_t batches) {
  state_.with([](State& state) { state.last_expiry_hold.clear(); });
  log_.warning("route " + route.text + ": " + std::to_string(batches) +
               " batches that nobody took outlived their ttl and were dropped; the next batch tells their owner");
}

void Status::on_commit_held(const HeldCommit& held) {
  const std::string why = held.why.message();
  const bool news = state_.with([&why](State& state) {
    ++state.held_commits;
    return std::exchange(state.last_hold, why) != why;
  });
  if (news) {
    log_.error("cannot commit: " + why + "; acknowledgements are held, next try in " +
               in_seconds(held.next_try - clock_.now().monotonic));
  }
}

void Status::on_delivered(const SinkName& sink, const storage::QueuedBatch& batch) {
  const WallTime now = clock_.now().wall;
  const std::uint64_t failures = state_.with([&](State& state) {
    SinkState& entry = state.sinks[sink];
    entry.link = SinkState::Link::up;
    entry.batches_delivered += 1;
    entry.bytes_delivered += batch.bytes;
    entry.last_delivery = now;
    entry.last_error.clear();
    entry.last_spool_error.clear();
    return std::exchange(entry.failures_in_a_row, 0);
  });
  if (failures > 0)
    log_.info("sink " + sink.text + " takes batches again after " + std::to_string(failures) + " failed tries");
  log_.debug("sink " + sink.text + " confirmed " + name_of(batch.route, batch.sequence));
}

void Status::on_delivery_failed(const SinkName& sink, const storage::QueuedBatch& batch, const Error& why,
                                MonotonicTime next_try) {
  const bool paused = why.kind == Kind::sink_refused || why.kind == Kind::unauthorised;
  const bool news = state_.with([&](State& state) {
    SinkState& entry = state.sinks[sink];
    entry.link = paused ? SinkState::Link::paused : SinkState::Link::waiting;
    entry.next_try = next_try;
    ++entry.failures_in_a_row;
    return std::exchange(entry.last_error, why.message()) != why.message();
  });
  if (!news) return;  // the same again: counted, not repeated
  const std::string line = "sink " + sink.text + " did not take " + name_of(batch.route, batch.sequence) + ": " +
                           why.message() + "; the spool keeps it, next try in " +
                           in_seconds(next_try - clock_.now().monotonic);
  paused ? log_.error(line) : log_.warning(line);
}

void Status::on_expiry_held(const Error& why, MonotonicTime next_try) {
  const bool news =
      state_.with([&](State& state) { return std::exchange(state.last_expiry_hold, why.message()) != why.message(); });
  if (!news) return;
  log_.warning("cannot drop what has outlived its ttl: " + why.message() + "; next try in " +
               in_seconds(next_try - clock_.now().monotonic));
}

void Status::on_spool_refused(const SinkName& sink, const Error& why, MonotonicTime next_try) {
  const bool news = state_.with(
      [&](State& state) { return std::exchange(state.sinks[sink].last_spool_error, why.message()) != why.message(); });
  if (!news) return;
  log_.warning("sink " + sink.text + ": the spool does not answer: " + why.message() + "; next try in " +
               in_seconds(next_try - clock_.now().monotonic));
}

void Status::on_quarantined(const SinkName& sink, const storage::QueuedBatch& batch, const Error& why) {
  state_.with([&](State& state) { state.sinks[sink].last_error = why.message(); });
  log_.error("sink " + sink.text + " refuses " + name_of(batch.route, batch.sequence) + ": " + why.message() +
             "; the batch is quarantined in the spool, others go on");
}

void Status::on_connected(const std::string& source, std::uint64_t connection, bool session_present) {
  state_.with([&](State& state) {
    SourceState& entry = state.sources[source];
    entry.connected = true;
    entry.connection = connection;
    entry.last_error.clear();
  });
  log_.info(source + " connected" + (session_present ? ", session kept" : ", new session"));
}

void Status::on_disconnected(const std::string& source, const std::string& why) {
  const bool news = state_.with([&](State& state) {
    SourceState& entry = state.sources[source];
    const bool was_connected = std::exchange(entry.connected, false);
    return std::exchange(entry.last_error, why) != why || was_connected;
  });
  if (news) log_.warning(source + " is not connected: " + why + "; trying again until it is");
}

void Status::on_qos0_dropped(const std::string& source, transport::Qos0Loss why) {
  const bool large = why == transport::Qos0Loss::too_large;
  const bool first = state_.with([&](State& state) {
    SourceState& at = state.sources[source];
    return ++(large ? at.too_large : at.qos0_dropped) == 1;
  });
  if (!first) return;
  log_.warning(source +
               (large ? " sent a message of QoS 0 that is larger than its max_packet: skipped and recorded as dropped"
                      : " sends QoS 0 faster than it can be committed: dropped and counted"));
}

void Status::on_too_large(const std::string& source, std::uint64_t bytes) {
  const bool first = state_.with([&source](State& state) { return ++state.sources[source].too_large == 1; });
  if (first) {
    log_.warning(source + " sent a message of " + std::to_string(bytes) +
                 " bytes, more than its max_packet: skipped, acknowledged and recorded as dropped");
  }
}

void Status::on_shortfalls(const std::string& source, const std::vector<transport::Shortfall>& all) {
  const auto before = state_.with([&](State& state) { return std::exchange(state.sources[source].shortfalls, all); });
  for (const transport::Shortfall& each : all) {
    if (std::ranges::find(before, each) != before.end()) continue;
    const std::string line = source + ": the broker grants less than was asked: " + each.what + ": asked " +
                             each.asked + ", granted " + each.granted + "; " + each.advice;
    each.refused ? log_.error(line) : log_.warning(line);
  }
  for (const transport::Shortfall& each : before) {
    if (std::ranges::find(all, each.what, &transport::Shortfall::what) == all.end()) {
      log_.info(source + ": the broker grants " + each.what + " as it was asked (" + each.asked + ") again");
    }
  }
}

std::string Status::summary() const {
  return state_.with([](const State& state) {
    std::uint64_t committed = 0;
    std::uint64_t delivered = 0;
    std::size_t connected = 0;
    for (const auto& [name, route] : state.routes) committed += route.committed;
    for (const auto& [name, sink] : state.sinks) delivered += sink.batches_delivered;
    for (const auto& [name, source] : state.sources) connected += static_cast<std::size_t>(source.connected);
    return std::to_string(connected) + "/" + std::to_string(state.sources.size()) + " sources connected, " +
           std::to_string(committed) + " records committed, " + std::to_string(delivered) + " batches delivered";
  });
}

std::string_view Status::link_name(SinkState::Link link) {
  switch (link) {
    case SinkState::Link::idle:
      return "idle";
    case SinkState::Link::up:
      return "up";
    case SinkState::Link::waiting:
      return "waiting";
    case SinkState::Link::paused:
      return "paused";
  }
  return "unknown";
}

std::string Status::json(const SpoolId& spool_id, const Result<storage::SpoolStats>& stats) const {
  using nlohmann::ordered_json;
  const Now now = clock_.now();
  const storage::SpoolStats spool = stats ? *stats : storage::SpoolStats{};
  const ordered_json nothing = stats ? ordered_json(0) : ordered_json(nullptr);
  return state_.with([&](const State& state) {
    ordered_json out = {{"version", kVersion}, {"gateway", gateway_}, {"started", format_rfc3339(started_)}};
    out["clock_synced"] = now.synced;
    for (const auto& [name, source] : state.sources) {
      out["sources"][name] = {{"connected", source.connected},
                              {"connections", source.connection},
                              {"qos0_dropped", source.qos0_dropped},
                              {"too_large", source.too_large},
                              {"last_error", source.last_error}};
      for (const transport::Shortfall& each : source.shortfalls) {
        out["sources"][name]["granted_less"].push_back(
            {{"what", each.what}, {"asked", each.asked}, {"granted", each.granted}, {"advice", each.advice}});
      }
    }
    for (const auto& [name, route] : state.routes) {
      out["routes"][name.text] = {{"received", route.received},
                                  {"redelivered", route.redelivered},
                                  {"copies", route.copies},
                                  {"committed", route.committed},
                                  {"batches_sealed", route.batches_sealed},
                                  {"batches_waiting", nothing},
                                  {"bytes_waiting", nothing},
                                  {"lost", route.lost}};
    }
    for (const storage::RouteStats& route : spool.routes) {
      out["routes"][route.route.text]["batches_waiting"] = route.batches;
      out["routes"][route.route.text]["bytes_waiting"] = route.bytes;
    }
    out["unrouted"] = state.unrouted;
    out["spool"] = {{"id", spool_id.hex()},
                    {"bytes", spool.bytes},
                    {"batches", spool.batches},
                    {"journal_frames", spool.frames},
                    {"oldest", time_or_null(spool.oldest)},
                    {"held_commits", state.held_commits},
                    {"last_error", state.last_hold}};
    if (!stats) {
      for (const char* unknown : {"bytes", "batches", "journal_frames"}) out["spool"][unknown] = nullptr;
      out["spool"]["last_error"] = stats.error().message();
    }
    for (const auto& [name, sink] : state.sinks) {
      ordered_json& entry = out["sinks"][name.text];
      entry = {{"state", link_name(sink.link)},
               {"batches_delivered", sink.batches_delivered},
               {"bytes_delivered", sink.bytes_delivered},
               {"last_delivery", time_or_null(sink.last_delivery)},
               {"failures_in_a_row", sink.failures_in_a_row},
               {"last_error", sink.last_error},
               {"waiting", nothing},
               {"quarantined", nothing}};
      if (sink.failures_in_a_row > 0) {
        const Duration wait = std::max(Duration::zero(), sink.next_try - now.monotonic);
        entry["next_try_in_seconds"] = std::chrono::duration<double>(wait).count();
      }
    }
    for (const storage::SinkStats& sink : spool.sinks) {
      out["sinks"][sink.sink.text]["waiting"] = sink.pending;
      out["sinks"][sink.sink.text]["quarantined"] = sink.quarantined;
    }
    return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  });
}

}  // namespace edgeseal::agent
