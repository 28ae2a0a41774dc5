// SPDX-License-Identifier: GPL-3.0-or-later
// The typed tree that a configuration becomes. Each part takes its own struct of the tree, never the whole.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/time.h"
#include "crypto/keys/key_options.h"
#include "storage/spool_options.h"
#include "transport/mqtt/mqtt_options.h"
#include "transport/sinks/sink_options.h"

namespace edgeseal::config {

struct NamedSource {
  std::string name;  ///< "source" for the single `source:` block
  transport::MqttOptions mqtt;
};

struct NamedSink {
  SinkName name;
  transport::SinkOptions options;
};

struct BatchOptions {
  std::uint64_t bytes_max = std::uint64_t{1} << 20;  ///< of content before compression
  std::uint32_t records_max = 10000;
  std::chrono::milliseconds age_max{60000};
};

/// zstd level; no value: content is not compressed. Level 1 is the default: telemetry came out no larger than at level
/// 3 (1 MiB of JSON: 117,416 and 125,340 bytes), in half the time.
struct CompressionOptions {
  std::optional<int> zstd_level = 1;
};

struct RouteOptions {
  RouteName name;
  std::string source;               ///< NamedSource::name
  std::vector<std::string> topics;  ///< MQTT topic filters
  std::uint8_t qos = 1;             ///< maximum QoS to subscribe with
  std::vector<std::string> keys;    ///< KeyOptions::id, at least one; each gets an EDK
  std::vector<SinkName> sinks;      ///< at least one; all must confirm
  BatchOptions batch;
  CompressionOptions compression;
  int priority = 5;
  /// A batch older than this is dropped, and recorded as "expired". Without a value batches wait as long as it takes.
  std::optional<std::chrono::milliseconds> ttl;
};

/// Calls `use` with each struct of a route whose settings the schema fills. A new one belongs here.
template <typename Use>
void for_each_part(RouteOptions& route, const Use& use) {
  use(route);
  use(route.batch);
  use(route.compression);
}

struct CommitOptions {
  /// The longest that a message waits for its commit. Longer spares flash, and delays acknowledgements.
  std::chrono::milliseconds interval{20};
};

enum class LogLevel { debug, info, warning, error };
/// `automatic` is `journal` when stderr is connected to the journal, else `text`.
enum class LogFormat { automatic, text, json, journal };

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
};

struct StatusOptions {
  std::string socket = "/run/edgeseal/status.sock";  ///< a Unix socket; empty: none
};

struct Options {
  std::string gateway;
  std::vector<NamedSource> sources;
  std::vector<crypto::KeyOptions> keys;
  std::vector<RouteOptions> routes;  ///< in file order: the first whose filter matches takes a message
  std::vector<NamedSink> sinks;
  storage::SpoolOptions spool;
  CommitOptions commit;
  LogOptions log;
  StatusOptions status;
};

/// Calls `use` with each struct of settings that a gateway has once. A new one belongs here.
template <typename Use>
void for_each_part(Options& options, const Use& use) {
  use(options);
  use(options.spool);
  use(options.commit);
  use(options.log);
  use(options.status);
}

}  // namespace edgeseal::config
