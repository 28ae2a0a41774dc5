// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/pipeline.h"

#include <algorithm>

namespace edgeseal::agent {
namespace {
/// More than the sources let wait unreleased, for a full queue would stop Paho's one thread for all of them. They bound
/// the bytes (transport/ingest/mqtt_source.h), this the count.
constexpr std::size_t kQueueItemsMax = 65536;
}  // namespace

/// Puts a source's messages into the queue under the source's number.
class Pipeline::Listener final : public transport::SourceListener {
 public:
  Listener(Pipeline& pipeline, std::size_t index) : pipeline_(pipeline), index_(index) {}
  void on_message(transport::ArrivalNumber number, transport::Message message) override {
    // False only at shutdown: then the message stays unacknowledged, and with the broker.
    (void)pipeline_.queue_.push({index_, number, acknowledged_, std::move(message)});
  }
  // Acknowledgements go in the order of arrival.
  void on_acknowledged(transport::ArrivalNumber number) override { acknowledged_ = number; }
  void on_connected(std::uint64_t connection, bool session_present) override {
    pipeline_.status_.on_connected(name(), connection, session_present);
  }
  void on_disconnected(const std::string& why) override { pipeline_.status_.on_disconnected(name(), why); }
  void on_dropped(const std::string& /*topic*/) override { pipeline_.status_.on_dropped(name()); }
  void on_subscription_refused(const std::string& filter, const std::string& why) override {
    pipeline_.status_.on_subscription_refused(name(), filter, why);
  }

 private:
  [[nodiscard]] const std::string& name() const { return pipeline_.sources_[index_].name; }
  Pipeline& pipeline_;
  std::size_t index_;
  std::atomic<transport::ArrivalNumber> acknowledged_ = 0;
};

Pipeline::Pipeline(std::vector<PipelineSource> sources, Committer& committer, std::vector<Forwarder*> forwarders,
                   Status& status, const Clock& clock, std::function<void(const Error&)> on_failure)
    : sources_(std::move(sources)),
      committer_(committer),
      forwarders_(std::move(forwarders)),
      status_(status),
      clock_(clock),
      on_failure_(std::move(on_failure)),
      queue_(kQueueItemsMax) {
  for (std::size_t i = 0; i < sources_.size(); ++i) listeners_.push_back(std::make_unique<Listener>(*this, i));
  for (std::size_t i = 0; i < forwarders_.size(); ++i) bells_.push_back(std::make_unique<Wakeup>());
}

Pipeline::~Pipeline() {
  stop(Duration::zero(), [] {});
}

Result<void> Pipeline::start() {
  sealing_ = std::thread([this] { seal_loop(); });
  forwarders_running_ = forwarders_.size();
  for (std::size_t i = 0; i < forwarders_.size(); ++i) {
    forwarding_.emplace_back([this, i](const std::stop_token& stop) { forward_loop(i, stop); });
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
    std::optional<Arrival> arrival;
    if (committer_.full()) {
      held_.wait(until(committer_.next_deadline()));
    } else {
      arrival = queue_.pop(until(committer_.next_deadline()));
    }
    if (auto taken = take(std::move(arrival)); !taken) return fail_for_good(taken.error());
  }
  // Whatever is open is sealed whole, so that a clean stop leaves no journal behind.
  auto releases = committer_.commit(clock_.now(), true);
  if (!releases) return fail_for_good(releases.error());
  release(*releases);
}

Result<void> Pipeline::take(std::optional<Arrival> first) {
  const Now now = clock_.now();
  for (std::optional<Arrival> arrival = std::move(first); arrival; arrival = queue_.pop(Duration::zero())) {
    auto taken = committer_.on_message(sources_[arrival->source].name, arrival->number, arrival->acknowledged,
                                       std::move(arrival->message), now);
    if (!taken) return taken;
    if (committer_.full()) break;
  }
  auto releases = committer_.advance_to(now);
  if (!releases) return failed(releases);
  release(*releases);
  return {};
}

void Pipeline::release(const Releases& releases) {
  for (const PipelineSource& source : sources_) {
    const auto found = releases.find(source.name);
    if (found != releases.end()) source.source->release(found->second);
  }
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
  if (--forwarders_running_ == 0) drained_.ring();
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
