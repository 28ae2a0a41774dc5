// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/pipeline.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "crypto/base/guarded.h"
#include "transport/ingest/arrivals.h"

namespace edgeseal::agent {
namespace {
/// More than a source lets wait unreleased: a message of QoS 1 or 2 for each packet identifier, and what Arrivals
/// allows of QoS 0, each with a topic of a byte at least. A full queue would stop Paho's one thread for all sources.
constexpr std::size_t kQueueItemsPerSource = 2 * 65536;
static_assert(kQueueItemsPerSource >
              std::numeric_limits<std::uint16_t>::max() +
                  transport::Arrivals::kQos0BytesMax / (transport::Arrivals::kOverheadBytes + 1));
/// So many messages may lie in the queue until the commit is due, before they are looked at: a batch may be full. At
/// 1,000 messages/s the sealing thread wakes twice a commit, not once for every other message.
constexpr std::size_t kTakenAtOnce = 64;

std::vector<std::string> names_of(const std::vector<PipelineSource>& sources) {
  std::vector<std::string> names;
  for (const PipelineSource& source : sources) names.push_back(source.name);
  return names;
}

}  // namespace

/// Puts what a source tells into the queue under the source's number. A push fails only at shutdown: then what has an
/// acknowledgement stays with the broker.
class Pipeline::Listener final : public transport::SourceListener {
 public:
  Listener(Pipeline& pipeline, std::size_t index) : pipeline_(pipeline), index_(index) {}
  void on_message(transport::ArrivalNumber number, transport::Message message) override {
    push(SourceEvent::Arrival{number, acknowledged_, std::move(message)});
  }
  void on_too_large(transport::ArrivalNumber number, const std::string& topic, std::uint64_t bytes) override {
    pipeline_.status_.on_too_large(name(), bytes);
    push(SourceEvent::TooLarge{number, topic});
  }
  // Acknowledgements go in the order of arrival.
  void on_acknowledged(transport::ArrivalNumber number) override { acknowledged_ = number; }
  void on_connected(std::uint64_t connection, bool session_present) override {
    pipeline_.status_.on_connected(name(), connection, session_present);
    push(SourceEvent::Connected{session_present});
  }
  void on_disconnected(const std::string& why) override { pipeline_.status_.on_disconnected(name(), why); }
  void on_subscriptions(const std::vector<std::string>& all) override { push(SourceEvent::Subscriptions{all}); }
  void on_broker_dropped(std::uint64_t total) override { push(SourceEvent::BrokerDropped{total}); }
  // They come by the thousand, and only when the queue is long already: so one event stands for many, and gets their
  // counts when it is taken out.
  void on_dropped(const std::string& topic, transport::Qos0Loss why) override {
    pipeline_.status_.on_qos0_dropped(name(), why);
    const auto route = pipeline_.router_.route_for(name(), topic);
    if (!route) return;
    const bool first = dropped_.with([&](Qos0Drops& counts) {
      const bool was_empty = counts.empty();
      ++counts[{*route, why}];
      return was_empty;
    });
    if (first) push(SourceEvent::Qos0Dropped{});
  }
  void on_shortfalls(const std::vector<transport::Shortfall>& all) override {
    pipeline_.status_.on_shortfalls(name(), all);
  }

  /// The QoS 0 messages dropped since the last call.
  [[nodiscard]] Qos0Drops take_dropped() {
    return dropped_.with([](Qos0Drops& counts) { return std::exchange(counts, {}); });
  }

 private:
  template <typename What>
  void push(What what) {
    (void)pipeline_.queue_.push({index_, pipeline_.clock_.now().monotonic, std::move(what)});
  }
  [[nodiscard]] const std::string& name() const { return pipeline_.sources_[index_].name; }

  Pipeline& pipeline_;
  std::size_t index_;
  std::atomic<transport::ArrivalNumber> acknowledged_ = 0;
  Guarded<Qos0Drops> dropped_;
};

Pipeline::Pipeline(std::vector<PipelineSource> sources, Committer& committer, std::vector<Forwarder*> forwarders,
                   Status& status, const Clock& clock, std::function<void(const Error&)> on_failure)
    : sources_(std::move(sources)),
      router_(committer.router()),
      forwarders_(std::move(forwarders)),
      status_(status),
      clock_(clock),
      on_failure_(std::move(on_failure)),
      queue_(kQueueItemsPerSource * sources_.size()),
      sealing_loop_(committer, names_of(sources_), *this) {
  for (std::size_t i = 0; i < sources_.size(); ++i) listeners_.push_back(std::make_unique<Listener>(*this, i));
  for (std::size_t i = 0; i < forwarders_.size(); ++i) bells_.push_back(std::make_unique<Wakeup>());
}

Pipeline::~Pipeline() {
  stop(Duration::zero(), [] {});
}

Result<void> Pipeline::start() {
  sealing_ = std::thread([this] { guard([this] { seal_loop(); }); });
  forwarders_running_ = forwarders_.size();
  for (std::size_t i = 0; i < forwarders_.size(); ++i) {
    forwarding_.emplace_back([this, i](const std::stop_token& stop) {
      guard([&] { forward_loop(i, stop); });
      if (--forwarders_running_ == 0) drained_.ring();
    });
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (auto started = sources_[i].source->start(*listeners_[i]); !started) return failed(started, sources_[i].name);
  }
  return {};
}

void Pipeline::stop(Duration drain_max, const std::function<void()>& cut) {
  // First, so that no callback of a source waits for room while the source waits for its callback.
  queue_.close();
  for (const PipelineSource& source : sources_) source.source->stop();
  held_.ring();
  if (sealing_.joinable()) sealing_.join();
  draining_ = true;
  for (auto& bell : bells_) bell->ring();
  if (forwarders_running_ > 0 && drain_max > Duration::zero()) drained_.wait(drain_max);
  cut();
  for (auto& thread : forwarding_) thread.request_stop();
  for (auto& bell : bells_) bell->ring();
  forwarding_.clear();
}

void Pipeline::seal_loop() {
  while (!queue_.finished() && !failed_) {
    const SealingLoop::Rest rest = sealing_loop_.rest();
    if (rest.events_min == 0) {
      held_.wait(until(rest.until));
    } else {
      queue_.wait(until(rest.until), std::min(rest.events_min, kTakenAtOnce));
    }
    if (auto turned = sealing_loop_.turn(clock_.now()); !turned) return fail_for_good(turned.error());
    // The spool refuses: what is left stays with the broker.
    if (queue_.closed() && sealing_loop_.rest().events_min == 0) break;
  }
  if (failed_) return;  // what is committed stays in its journal, the rest with the broker
  // A clean stop leaves no journal behind.
  if (auto finished = sealing_loop_.finish(clock_.now()); !finished) fail_for_good(finished.error());
}

std::optional<SourceEvent> Pipeline::next() {
  std::optional<SourceEvent> event = queue_.pop();
  if (!event) return event;
  if (auto* dropped = std::get_if<SourceEvent::Qos0Dropped>(&event->what)) {
    dropped->counts = listeners_[event->source]->take_dropped();
  }
  return event;
}

void Pipeline::act_on(const CommitReport& report) {
  status_.on_commit(report);
  for (const PipelineSource& source : sources_) {
    const auto found = report.releases.find(source.name);
    if (found != report.releases.end()) source.source->release(found->second);
  }
  // A journal frame is nothing to forward.
  if (report.batches.empty()) return;
  for (auto& bell : bells_) bell->ring();
}

void Pipeline::forward_loop(std::size_t index, const std::stop_token& stop) {
  constexpr Duration kSpoolRetry = std::chrono::seconds(1);
  Forwarder& forwarder = *forwarders_[index];
  while (!stop.stop_requested()) {
    const auto moved = forwarder.step(clock_.now(), clock_);
    if (moved && *moved) continue;
    if (!moved && (moved.error().kind == Kind::fault || moved.error().kind == Kind::corrupt)) {
      fail_for_good(moved.error());
      break;
    }
    if (draining_) break;
    bells_[index]->wait(moved ? until(forwarder.next_deadline()) : kSpoolRetry);
  }
}

/// What is thrown ends the daemon in order, not the process at once: the service manager starts it again.
void Pipeline::guard(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& thrown) {
    fail_for_good({.kind = Kind::fault, .what = std::string("a thread failed: ") + thrown.what()});
  }
}

void Pipeline::fail_for_good(const Error& why) {
  if (!failed_.exchange(true)) on_failure_(why);
  held_.ring();
}

std::optional<Duration> Pipeline::until(std::optional<MonotonicTime> deadline) const {
  if (!deadline) return std::nullopt;
  return std::max(Duration::zero(), *deadline - clock_.now().monotonic);
}

}  // namespace edgeseal::agent
