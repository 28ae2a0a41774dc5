// SPDX-License-Identifier: GPL-3.0-or-later
// One seed, one history: sensors, brokers, a gateway that dies now and then, its disk, its clock and its clouds.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/chronicle.h"
#include "tests/simulation/owner.h"
#include "tests/simulation/sim_broker.h"
#include "tests/simulation/sim_gateway.h"
#include "tests/simulation/sim_options.h"

namespace edgeseal::test {

struct Outcome {
  std::vector<std::string> complaints;  ///< none when all promises were kept
  std::string digest;                   ///< of the chronicle: the same for the same seed
  std::string chronicle;
  Duration elapsed{};  ///< simulated
  std::map<std::string, std::uint64_t> marks;
};

/// Used for one run. Borrows `owner`.
class SimWorld final : private agent::SealingLoop::Driver {
 public:
  SimWorld(const SimOptions& options, Owner& owner);
  ~SimWorld() override;

  /// Runs until all messages are published and, once the faults have stopped, all has settled; then checks.
  [[nodiscard]] Outcome run();

 private:
  // Time: what happens at a moment of the simulated time that has elapsed.
  void after(Duration delay, std::function<void()> happening);
  [[nodiscard]] bool step();

  // The gateway's life.
  void start_gateway();
  void after_death();
  void fail(const Error& why);
  void pump();
  [[nodiscard]] std::optional<agent::SourceEvent> next() override;
  void act_on(const agent::CommitReport& report) override;

  // The weather: troubles.cpp.
  void publish();
  void trouble();
  void kill_the_process();
  void cut_the_power();
  void arm_the_disk();
  void fill_the_disk();
  void jump_the_clock();
  void lose_connection();
  void lose_session();
  void upset_a_sink();
  void restart_cleanly();
  void end_troubles();

  // The end: evidence.cpp.
  [[nodiscard]] bool settled() const;
  void gather_evidence(std::vector<std::string>& complaints);
  void gather_held();

  const SimOptions& options_;
  Owner& owner_;
  Draw draw_;
  SimClock clock_;
  SimVfs vfs_;
  std::map<std::string, SimSink> sinks_;
  std::map<std::string, SimBroker> brokers_;  ///< by source
  SeededRandom random_;
  crypto::Drbg drbg_;
  BootId boot_;
  History history_;
  Chronicle chronicle_;
  std::unique_ptr<SimGateway> gateway_;
  std::multimap<Duration, std::function<void()>> agenda_;
  bool moved_ = false;  ///< the sealing loop has taken or released something
  std::uint64_t published_ = 0;
  std::uint64_t cuts_seen_ = 0;
  bool trouble_over_ = false;
};

}  // namespace edgeseal::test
