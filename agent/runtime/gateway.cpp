// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/gateway.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <stop_token>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "agent/core/committer.h"
#include "agent/core/forwarder.h"
#include "agent/core/router.h"
#include "agent/core/sealer.h"
#include "agent/runtime/key_files.h"
#include "agent/runtime/pipeline.h"
#include "agent/runtime/probe.h"
#include "agent/runtime/status.h"
#include "agent/runtime/status_server.h"
#include "crypto/base/ensure.h"
#include "crypto/primitives/drbg.h"
#include "crypto/primitives/sha2.h"
#include "storage/salvage/salvage.h"
#include "storage/spool.h"
#include "storage/spool_view.h"
#include "systemd/notify.h"
#include "transport/ingest/mqtt_source.h"
#include "transport/sinks/sink_factory.h"

namespace edgeseal::agent {
namespace {

constexpr Duration kDrainMax = std::chrono::seconds(4);
/// Of the whole stop, below TimeoutStopSec of systemd/units/edgeseal.service.
constexpr Duration kStopMax = std::chrono::seconds(12);
static_assert(kDrainMax < kStopMax);
constexpr std::chrono::milliseconds kStatusInterval{5000};
constexpr int kSalvagesMax = 3;
constexpr std::string_view kIgnored = ": ignored; the configuration is read at the start alone, restart to change it";

crypto::KeySet keys_of(const config::RouteOptions& route, const crypto::KeySet& all) {
  crypto::KeySet keys;
  for (const std::string& id : route.keys) {
    const auto found = std::find_if(all.begin(), all.end(), [&id](const auto& key) { return key.id == id; });
    ENSURE(found != all.end());  // config has checked the names
    keys.push_back(*found);
  }
  return keys;
}

std::vector<RouteSetup> routes_of(const config::Options& options, const crypto::KeySet& keys) {
  std::vector<RouteSetup> routes;
  for (const config::RouteOptions& route : options.routes) routes.push_back({route, keys_of(route, keys)});
  return routes;
}

/// A sink with all that its forwarding thread alone uses.
struct SinkLane {
  std::unique_ptr<transport::Sink> sink;
  std::unique_ptr<storage::SpoolView> view;
  crypto::Drbg random;
  std::unique_ptr<Forwarder> forwarder;
};

Result<std::unique_ptr<SinkLane>> open_lane(const config::NamedSink& named, const config::Options& options,
                                            storage::Spool& spool, Status& status, const std::stop_token& stop) {
  auto sink = transport::make_sink(named.options, stop);
  if (!sink) return failed(sink, "sinks." + named.name.text);
  auto view = storage::SpoolView::open(options.spool.path, options.spool.vfs);
  if (!view) return failed(view);
  auto random = crypto::Drbg::create();
  if (!random) return failed(random);
  auto lane = std::make_unique<SinkLane>(SinkLane{std::move(*sink), std::move(*view), std::move(*random), nullptr});
  lane->forwarder = std::make_unique<Forwarder>(options.gateway, named.name, BackoffOptions{}, *lane->sink, spool,
                                                *lane->view, lane->random, status);
  return lane;
}

/// A source whose filters are those of its routes. What the broker's kept session may hold is written down before it
/// is asked for, and struck out (Committer::on_subscriptions) when the broker has confirmed that it is gone.
Result<std::unique_ptr<transport::MqttSource>> open_source(const config::NamedSource& named, const Router& router,
                                                           storage::Spool& spool, const Clock& clock) {
  const std::vector<transport::Subscription> wanted = router.subscriptions(named.name);
  auto remembered = spool.subscriptions(named.name);
  if (!remembered) return failed(remembered);
  std::vector<std::string> may_be_held = *remembered;
  for (const transport::Subscription& each : wanted) may_be_held.push_back(each.filter);
  if (auto set = spool.set_subscriptions(named.name, may_be_held); !set) return failed(set);
  auto mark = spool.source_mark(named.name);
  if (!mark) return failed(mark);
  return std::make_unique<transport::MqttSource>(named.mqtt, wanted, *remembered, clock, mark->session);
}

/// Wakes the main loop when a thread has failed for good.
class FailureSignal {
 public:
  FailureSignal() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { ENSURE(descriptor_ >= 0); }
  ~FailureSignal() { close(descriptor_); }
  FailureSignal(const FailureSignal&) = delete;
  FailureSignal& operator=(const FailureSignal&) = delete;
  void raise(const Error& why) {
    error_.with([&why](std::optional<Error>& error) { error = why; });
    const std::uint64_t one = 1;
    (void)!write(descriptor_, &one, sizeof one);
  }
  [[nodiscard]] std::optional<Error> taken() const {
    return error_.with([](const std::optional<Error>& error) { return error; });
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  Guarded<std::optional<Error>> error_;
};

/// Tells systemd how it goes every so often, whatever else there is to do.
class StatusPulse {
 public:
  explicit StatusPulse(const Status& status) : status_(status) {}
  /// Tells, if it is time. Returns the milliseconds until it is time again.
  [[nodiscard]] int beat() {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_) {
      systemd::notify_status(status_.summary());
      next_ = now + kStatusInterval;
    }
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(next_ - now).count());
  }

 private:
  const Status& status_;
  std::chrono::steady_clock::time_point next_{std::chrono::steady_clock::now() + kStatusInterval};
};

/// Answers questions and tells systemd how it goes, until a signal or a failure comes.
void serve(const Signals& signals, const FailureSignal& failure, const std::optional<StatusServer>& server,
           const std::function<std::string()>& json, const Status& status, Log& log) {
  std::array<pollfd, 3> fds{{{signals.descriptor(), POLLIN, 0},
                             {failure.descriptor(), POLLIN, 0},
                             {server ? server->descriptor() : -1, POLLIN, 0}}};
  StatusPulse pulse(status);
  for (;;) {
    if (poll(fds.data(), fds.size(), pulse.beat()) <= 0) continue;
    if (failure.taken()) return;
    while (const auto signal = signals.take()) {
      if (signal->stop) return log.info(signal->name + ": stopping; " + status.summary());
      log.info(signal->name + std::string(kIgnored));
    }
    if (fds[2].revents != 0) server->answer(json);
  }
}

/// One life of everything that stands on one spool: until a signal, or something fails for good. `starting` ends once
/// there is something to stop in order.
Result<void> run_on_spool(const config::Options& options, const crypto::KeySet& keys, const Signals& signals,
                          std::optional<EndOnSignal>& starting, const Clock& clock, Log& log) {
  auto boot = boot_id();
  if (!boot) return failed(boot);
  auto drbg = crypto::Drbg::create();
  if (!drbg) return failed(drbg);
  auto spool = storage::Spool::open(options.spool, *drbg);
  if (!spool) return failed(spool);
  std::vector<SinkName> sink_names;
  for (const config::NamedSink& sink : options.sinks) sink_names.push_back(sink.name);
  auto forgotten = (*spool)->keep_sinks(sink_names);
  if (!forgotten) return failed(forgotten);
  if (*forgotten > 0) {
    log.warning(std::to_string(*forgotten) + " deliveries to sinks that left the configuration are forgotten");
  }

  Status status(options, log, clock);
  Sealer sealer({options.gateway, (*spool)->id(), *boot}, *drbg);
  auto created =
      Committer::create(options.sources, routes_of(options, keys), options.commit, **spool, sealer, clock, status);
  if (!created) return failed(created);
  Committer& committer = **created;
  const CommitReport recovered = committer.advance_to(clock.now());
  status.on_commit(recovered);
  if (!recovered.outcome) return recovered.outcome;
  if ((*spool)->wal_was_lost()) {
    log.error(options.spool.path.string() +
              "-wal is gone: commits that were only there are lost, and each route says so");
    if (auto noted = committer.on_spool_loss(storage::DropReason::wal_lost, clock.now()); !noted) return noted;
  }

  std::stop_source cut;
  std::vector<std::unique_ptr<SinkLane>> lanes;
  std::vector<Forwarder*> forwarders;
  for (const config::NamedSink& sink : options.sinks) {
    auto lane = open_lane(sink, options, **spool, status, cut.get_token());
    if (!lane) return failed(lane);
    forwarders.push_back((*lane)->forwarder.get());
    lanes.push_back(std::move(*lane));
  }
  const Router router(options.routes);
  std::vector<std::unique_ptr<transport::MqttSource>> sources;
  std::vector<PipelineSource> pipeline_sources;
  for (const config::NamedSource& named : options.sources) {
    auto source = open_source(named, router, **spool, clock);
    if (!source) return failed(source);
    pipeline_sources.push_back({named.name, source->get()});
    sources.push_back(std::move(*source));
  }
  auto view = storage::SpoolView::open(options.spool.path, options.spool.vfs);
  if (!view) return failed(view);
  std::optional<StatusServer> server;
  if (!options.status.socket.empty()) {
    auto opened = StatusServer::open(options.status.socket);
    if (!opened) return failed(opened);
    server.emplace(std::move(*opened));
  }

  FailureSignal failure;
  Pipeline pipeline(std::move(pipeline_sources), committer, std::move(forwarders), status, clock,
                    [&failure](const Error& why) { failure.raise(why); });
  starting.reset();
  if (auto started = pipeline.start(); !started) return failed(started);
  give_back_heap();
  log.info("edgeseal is running as gateway " + options.gateway + ", spool " + (*spool)->id().hex());
  systemd::notify_ready(status.summary());
  serve(
      signals, failure, server, [&] { return status.json((*spool)->id(), (*view)->stats()); }, status, log);
  const StopDeadline deadline(kStopMax, [&log] {
    log.error(
        "the stop did not end in time: what was not acknowledged stays with the broker, what is in the spool there");
  });
  const bool failed_for_good = failure.taken().has_value();
  if (!failed_for_good) systemd::notify_stopping("stopping");
  pipeline.stop(failed_for_good ? Duration::zero() : kDrainMax, [&cut] { cut.request_stop(); });
  if (auto error = failure.taken()) return tl::unexpected(std::move(*error));
  log.info("stopped; " + status.summary());
  return {};
}

/// A broken spool is set aside, and one made of what verifies takes its place.
Result<void> mend_spool(const config::Options& options, const Error& why, const Clock& clock, Log& log) {
  log.error(why.message() + "; salvaging what verifies");
  systemd::notify_status("salvaging a damaged spool");
  auto drbg = crypto::Drbg::create();
  if (!drbg) return failed(drbg);
  std::vector<RouteName> routes;
  for (const config::RouteOptions& route : options.routes) routes.push_back(route.name);
  auto report = storage::salvage(options.spool, *drbg, clock.now().wall, crypto::sha256, routes);
  if (!report) return failed(report, "salvage the spool");
  log.warning(report->text());
  return {};
}

/// The keys, when nothing that the configuration names on this machine keeps the gateway from starting. Otherwise all
/// that does is logged, and the Error says so.
Result<crypto::KeySet> look_around(const config::Options& options, Log& log) {
  LoadedKeys loaded = load_keys(options.keys);
  const Probed probed = probe(options);
  std::vector<Error> problems = std::move(loaded.problems);
  problems.insert(problems.end(), probed.refused.begin(), probed.refused.end());
  problems.insert(problems.end(), probed.withheld.begin(), probed.withheld.end());
  for (const Error& missing : probed.awaited) log.warning(missing.message() + "; it is waited for");
  if (problems.empty()) return std::move(loaded.keys);
  for (const Error& problem : problems) log.error(problem.message());
  return fail(Kind::invalid, "not started, for what was said above");
}

}  // namespace

Result<void> run_gateway(const config::Options& options, Log& log) {
  auto signals = Signals::create();
  if (!signals) return failed(signals);
  const auto tell = [&log](const Signals::Taken& signal) {
    log.info(signal.name + std::string(signal.stop ? ": ended while starting; the next start begins anew" : kIgnored));
  };
  std::optional<EndOnSignal> starting(std::in_place, *signals, tell);
  const SystemClock clock;
  auto keys = look_around(options, log);
  if (!keys) return failed(keys);
  for (int salvages = 0;; ++salvages) {
    auto ended = run_on_spool(options, *keys, *signals, starting, clock, log);
    // A disk that breaks one spool after the other is beyond mending.
    if (ended || ended.error().kind != Kind::corrupt || salvages == kSalvagesMax) return ended;
    if (!starting) starting.emplace(*signals, tell);
    if (auto mended = mend_spool(options, ended.error(), clock, log); !mended) return mended;
  }
}

}  // namespace edgeseal::agent
