// SPDX-License-Identifier: GPL-3.0-or-later
// The threads, and what they hand to one another:
//
//   source threads ─▶ BoundedQueue ─▶ sealing thread: SealingLoop ─▶ Spool ─▶ forwarding thread a sink: Forwarder ─▶
//   Sink
//         ◀── release(n) after the commit ──┘                       └─ rings their bell
//
// Each thread is a loop around an object of agent/core that decides; here is no decision.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "agent/core/committer.h"
#include "agent/core/forwarder.h"
#include "agent/core/router.h"
#include "agent/core/sealing_loop.h"
#include "agent/runtime/bounded_queue.h"
#include "agent/runtime/status.h"
#include "agent/runtime/wakeup.h"
#include "crypto/base/time.h"
#include "transport/ingest/source.h"

namespace edgeseal::agent {

/// A source by the name that routes know it by.
struct PipelineSource {
  std::string name;
  transport::Source* source;
};

/// Ownership: borrows all it is given. `start` and `stop` are the main thread's.
class Pipeline final : private SealingLoop::Driver {
 public:
  /// `on_failure` is called once, on some thread, when something failed for good: the process has to end.
  Pipeline(std::vector<PipelineSource> sources, Committer& committer, std::vector<Forwarder*> forwarders,
           Status& status, const Clock& clock, std::function<void(const Error&)> on_failure);
  ~Pipeline() override;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Fails as Source::start does.
  [[nodiscard]] Result<void> start();

  /// In the order of the pipeline: nothing more is taken and sources end, what has been taken is committed and open
  /// batches are sealed, forwarders deliver what they can in `drain_max`. Then `cut` is called, to end deliveries under
  /// way.
  void stop(Duration drain_max, const std::function<void()>& cut);

 private:
  class Listener;
  void seal_loop();
  [[nodiscard]] std::optional<SourceEvent> next() override;
  void act_on(const CommitReport& report) override;
  void forward_loop(std::size_t index, const std::stop_token& stop);
  void guard(const std::function<void()>& work);
  void fail_for_good(const Error& why);
  [[nodiscard]] std::optional<Duration> until(std::optional<MonotonicTime> deadline) const;

  // Set once.
  std::vector<PipelineSource> sources_;
  const Router& router_;
  std::vector<Forwarder*> forwarders_;
  Status& status_;
  const Clock& clock_;
  std::function<void(const Error&)> on_failure_;
  std::vector<std::unique_ptr<Listener>> listeners_;

  // Between threads.
  BoundedQueue<SourceEvent> queue_;
  Wakeup held_;                                 ///< ends the sealing thread's wait for a refused commit's next try
  std::vector<std::unique_ptr<Wakeup>> bells_;  ///< one a forwarder
  Wakeup drained_;                              ///< the last forwarder has nothing more to do
  std::atomic<bool> draining_ = false;
  std::atomic<std::size_t> forwarders_running_ = 0;
  std::atomic<bool> failed_ = false;

  SealingLoop sealing_loop_;  ///< the sealing thread's, while it runs

  std::thread sealing_;
  std::vector<std::jthread> forwarding_;
};

}  // namespace edgeseal::agent
