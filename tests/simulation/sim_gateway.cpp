// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/sim_gateway.h"

namespace edgeseal::test {
namespace {
const char* const kGateway = "truck-017";
}  // namespace

Result<std::unique_ptr<SimGateway>> SimGateway::start(
    const SimMachine& machine, const std::function<void(const storage::Spool&, const storage::SpoolView&)>& on_opened) {
  std::unique_ptr<SimGateway> gateway(new SimGateway());
  storage::SpoolOptions spool_options = machine.options.spool;
  spool_options.vfs = machine.vfs.name();
  auto spool = storage::Spool::open(spool_options, machine.random);
  if (!spool) return failed(spool);
  gateway->spool_ = std::move(*spool);
  machine.vfs.disk().sync_names();  // what storage/spool_files.h does for files of the system
  auto forgotten = gateway->spool_->keep_sinks(machine.options.sinks);
  if (!forgotten) return failed(forgotten);
  auto view = storage::SpoolView::open(spool_options.path, spool_options.vfs);
  if (!view) return failed(view);
  gateway->view_ = std::move(*view);
  on_opened(*gateway->spool_, *gateway->view_);

  gateway->sealer_ = std::make_unique<agent::Sealer>(
      agent::SealingIdentity{kGateway, gateway->spool_->id(), machine.boot}, machine.drbg);
  std::vector<agent::RouteSetup> setups;
  for (const config::RouteOptions& route : machine.options.routes) setups.push_back({route, machine.keys});
  auto committer = agent::Committer::create(machine.options.sources, std::move(setups), machine.options.commit,
                                            *gateway->spool_, *gateway->sealer_, machine.clock, machine.chronicle);
  if (!committer) return failed(committer);
  gateway->committer_ = std::move(*committer);
  std::vector<std::string> sources;
  for (const config::NamedSource& source : machine.options.sources) sources.push_back(source.name);
  gateway->sealing_loop_.emplace(*gateway->committer_, std::move(sources), machine.driver);
  agent::CommitReport recovered = gateway->committer_->advance_to(machine.clock.now());
  machine.chronicle.on_commit(recovered);
  if (!recovered.outcome) return failed(recovered.outcome);
  for (const SinkName& sink : machine.options.sinks) {
    gateway->forwarders_.push_back(
        std::make_unique<agent::Forwarder>(kGateway, sink, machine.options.backoff, machine.sinks.at(sink.text),
                                           *gateway->spool_, *gateway->view_, machine.random, machine.chronicle));
  }
  return gateway;
}

Result<bool> SimGateway::forward(const SimClock& clock) {
  bool moved = false;
  for (auto& forwarder : forwarders_) {
    while (true) {
      auto more = forwarder->step(clock.now(), clock);
      if (!more) return failed(more);
      if (!*more) break;
      moved = true;
    }
  }
  return moved;
}

std::optional<MonotonicTime> SimGateway::next_deadline() const {
  auto earliest = sealing_loop_->rest().until;
  for (const auto& forwarder : forwarders_) {
    const auto deadline = forwarder->next_deadline();
    if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  }
  return earliest;
}

}  // namespace edgeseal::test
