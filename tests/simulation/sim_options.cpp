// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/sim_options.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "tests/simulation/draw.h"

namespace edgeseal::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// What a route's open journal may come to. A bound may be as tight as that, whatever the other routes hold: one commit
/// of all routes may exceed it.
constexpr std::uint64_t kOpenBytesMax = 16 << 10;
/// Room for more: none of it is what an outage needs.
constexpr std::uint64_t kSpareBytesMax = 16 << 10;

std::vector<SinkName> some_of(const std::vector<SinkName>& sinks, Draw& draw) {
  if (sinks.size() == 1 || draw.perhaps(40)) return sinks;
  return {draw.pick(sinks)};
}

config::RouteOptions route(std::size_t index, const SimOptions& options, bool compressed, Draw& draw) {
  config::RouteOptions route;
  route.name = {"route-" + std::to_string(index)};
  route.source = draw.pick(options.sources).name;
  route.topics = {"r" + std::to_string(index) + "/#"};
  route.keys = {"owner"};
  route.sinks = some_of(options.sinks, draw);
  route.batch.records_max = static_cast<std::uint32_t>(draw.between(4, 16));
  route.batch.bytes_max = draw.between(1500, 6000);
  route.batch.age_max = std::chrono::duration_cast<milliseconds>(draw.duration(seconds(10), hours(1)));
  route.compression.zstd_level.reset();
  if (compressed && draw.perhaps(70)) route.compression.zstd_level = 1;
  route.priority = static_cast<int>(draw.below(10));
  return route;
}

void draw_weather(SimOptions& options, Draw& draw) {
  options.calm_max = draw.duration(options.gap_max / 2, options.gap_max * 3) + minutes(1);
  options.kills = draw.perhaps(60);
  options.power_cuts = draw.perhaps(60);
  options.disk_errors = draw.perhaps(40);
  options.clock_jumps = draw.perhaps(40);
  options.lost_connections = draw.perhaps(60);
  options.lost_sessions = draw.perhaps(15);
  options.sink_outages = draw.perhaps(70);
  options.refused_percent = draw.perhaps(30) ? 15 : 0;
  options.lost_answer_percent = draw.perhaps(50) ? 20 : 0;
}

}  // namespace

SimOptions draw_options(std::uint64_t seed) {
  Draw draw(seed);
  SimOptions options;
  options.seed = seed;
  for (std::uint64_t i = draw.between(1, 2); i > 0; --i) {
    options.sources.push_back({.name = "source-" + std::to_string(i), .mqtt = {}});
  }
  options.sinks = {{"lake"}};
  if (draw.perhaps(50)) options.sinks.push_back({"disk"});
  // Tight bounds or compression, never both: the size of what is compressed depends on the batch's random id, and with
  // it what is dropped, and the history would not be the seed's alone.
  const bool tight = draw.perhaps(50);
  const std::uint64_t routes = draw.perhaps(40) ? draw.between(4, 12) : draw.between(1, 3);
  for (std::size_t i = 0; i < routes; ++i) options.routes.push_back(route(i, options, !tight, draw));
  options.commit.interval = std::chrono::duration_cast<milliseconds>(draw.duration(milliseconds(5), seconds(2)));
  options.spool.path = "/spool/spool.db";
  options.spool.when_full =
      draw.pick(std::array{storage::WhenFull::drop_oldest, storage::WhenFull::drop_newest, storage::WhenFull::block});
  if (tight)
    options.spool.bytes_max =
        draw.between(1, std::min<std::uint64_t>(routes, 3)) * kOpenBytesMax + draw.below(kSpareBytesMax);
  options.backoff = {draw.duration(milliseconds(100), seconds(5)), draw.duration(minutes(1), minutes(20))};

  options.messages = draw.between(30, 140);
  options.gap_max = tight ? draw.duration(seconds(5), minutes(10)) : draw.duration(minutes(1), hours(8));
  options.burst_percent = static_cast<unsigned>(draw.below(80));
  options.payload_max = draw.between(1, tight ? 2500 : 600);
  options.window = draw.between(1, 20);
  for (config::NamedSource& source : options.sources) source.mqtt.receive_maximum = draw.perhaps(50) ? 20 : 1000;

  draw_weather(options, draw);
  options.full_disks = tight && draw.perhaps(50);
  options.outage_max = hours(4);
  if (options.spool.when_full == storage::WhenFull::block) {
    // A commit that is held is tried again each second, for as long as the outage lasts.
    options.outage_max = minutes(8);
    // What is quarantined stays, and in time fills a tight bound: such a spool blocks for good, as it was told to.
    if (tight) options.refused_percent = 0;
    if (tight) options.gap_max = draw.duration(seconds(1), seconds(30));
    if (tight) options.calm_max = draw.duration(seconds(30), minutes(5));
  }
  return options;
}

std::string describe(const SimOptions& options) {
  static constexpr std::array<const char*, 3> kWhenFull{"drop_oldest", "drop_newest", "block"};
  std::ostringstream out;
  out << "seed " << options.seed << ": " << options.sources.size() << " sources, " << options.sinks.size()
      << " sinks, commit every " << options.commit.interval.count() << " ms, spool of " << options.spool.bytes_max
      << " bytes, " << kWhenFull[static_cast<std::size_t>(options.spool.when_full)] << "\n";
  for (const config::RouteOptions& route : options.routes) {
    out << "  " << route.name.text << " of " << route.source << ": " << route.batch.records_max << " records, "
        << route.batch.bytes_max << " bytes, " << route.batch.age_max.count() << " ms, priority " << route.priority
        << (route.compression.zstd_level ? ", zstd" : "") << ", to";
    for (const SinkName& sink : route.sinks) out << " " << sink.text;
    out << "\n";
  }
  out << "  " << options.messages << " messages, gaps up to " << options.gap_max.count() / 1000 << " ms, "
      << options.burst_percent << "% in bursts, window " << options.window << "\n  weather:";
  const auto say = [&](bool on, const char* what) { out << (on ? what : ""); };
  say(options.kills, " kills");
  say(options.power_cuts, " power-cuts");
  say(options.disk_errors, " disk-errors");
  say(options.full_disks, " full-disks");
  say(options.clock_jumps, " clock-jumps");
  say(options.lost_connections, " lost-connections");
  say(options.lost_sessions, " lost-sessions");
  say(options.sink_outages, " sink-outages");
  say(options.refused_percent > 0, " refused-batches");
  say(options.lost_answer_percent > 0, " lost-answers");
  out << ", a trouble at least every " << options.calm_max.count() / 1'000'000 << " s\n";
  return out.str();
}

}  // namespace edgeseal::test
