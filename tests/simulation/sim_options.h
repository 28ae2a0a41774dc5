// SPDX-License-Identifier: GPL-3.0-or-later
// What one seed's gateway, broker and weather are like.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "agent/core/backoff.h"
#include "config/options.h"

namespace edgeseal::test {

struct SimOptions {
  std::uint64_t seed = 0;

  // The gateway's configuration.
  std::vector<config::NamedSource> sources;
  std::vector<config::RouteOptions> routes;  ///< route i takes "r<i>/#" of its source
  std::vector<SinkName> sinks;
  config::CommitOptions commit;
  storage::SpoolOptions spool;
  agent::BackoffOptions backoff;

  // The sensors and the broker.
  std::uint64_t messages = 0;
  Duration gap_max{};             ///< between two messages
  unsigned burst_percent = 0;     ///< of messages that come without a gap
  std::uint64_t payload_max = 0;  ///< bytes
  std::uint64_t window = 0;       ///< messages that a broker sends before it waits for acknowledgements

  // The weather: each kind is on or off for the whole run.
  Duration calm_max{};  ///< between two troubles
  bool kills = false;
  bool power_cuts = false;
  bool disk_errors = false;
  bool full_disks = false;
  bool clock_jumps = false;
  bool lost_connections = false;
  bool lost_sessions = false;
  bool sink_outages = false;
  Duration outage_max{};
  unsigned refused_percent = 0;      ///< of batches, by each sink
  unsigned lost_answer_percent = 0;  ///< of deliveries
};

[[nodiscard]] SimOptions draw_options(std::uint64_t seed);

/// A few lines for people.
[[nodiscard]] std::string describe(const SimOptions& options);

}  // namespace edgeseal::test
