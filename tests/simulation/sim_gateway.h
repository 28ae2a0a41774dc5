// SPDX-License-Identifier: GPL-3.0-or-later
// One process of the gateway: the very objects of agent/core and storage, driven as steps instead of threads.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/committer.h"
#include "agent/core/forwarder.h"
#include "agent/core/sealer.h"
#include "agent/core/sealing_loop.h"
#include "crypto/primitives/drbg.h"
#include "storage/spool.h"
#include "storage/spool_view.h"
#include "tests/simulation/chronicle.h"
#include "tests/simulation/sim_options.h"
#include "tests/simulation/sim_sink.h"
#include "tests/simulation/sim_vfs.h"
#include "tests/support/random.h"

namespace edgeseal::test {

/// What outlives a process; borrowed.
struct SimMachine {
  const SimOptions& options;
  SimVfs& vfs;
  std::map<std::string, SimSink>& sinks;
  SimClock& clock;
  const crypto::KeySet& keys;
  crypto::Drbg& drbg;    ///< seals; not of the seed
  SeededRandom& random;  ///< everything else
  Chronicle& chronicle;
  BootId boot;
  agent::SealingLoop::Driver& driver;
};

class SimGateway {
 public:
  /// In the order of agent/runtime/gateway.cpp. `on_opened` is called before anything of an earlier run is promoted.
  [[nodiscard]] static Result<std::unique_ptr<SimGateway>> start(
      const SimMachine& machine,
      const std::function<void(const storage::Spool&, const storage::SpoolView&)>& on_opened);

  [[nodiscard]] agent::SealingLoop& sealing_loop() { return *sealing_loop_; }
  [[nodiscard]] const storage::Spool& spool() const { return *spool_; }
  [[nodiscard]] const storage::SpoolView& view() const { return *view_; }
  /// Each forwarder goes as far as it can. True when something moved.
  [[nodiscard]] Result<bool> forward(const SimClock& clock);
  /// The earliest moment when something is to do; nothing when only a message brings work.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

 private:
  SimGateway() = default;
  std::unique_ptr<storage::Spool> spool_;
  std::unique_ptr<storage::SpoolView> view_;
  std::unique_ptr<agent::Sealer> sealer_;
  std::unique_ptr<agent::Committer> committer_;
  std::optional<agent::SealingLoop> sealing_loop_;
  std::vector<std::unique_ptr<agent::Forwarder>> forwarders_;
};

}  // namespace edgeseal::test
