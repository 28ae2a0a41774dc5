// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/sim_world.h"

#include <utility>

#include "crypto/primitives/sha2.h"

namespace edgeseal::test {
namespace {

constexpr std::uint64_t kStepsMax = 60'000;
constexpr Duration kSettleMax = std::chrono::hours(72);
/// As the loops of agent/runtime/pipeline.cpp.
constexpr Duration kSpoolRetry = std::chrono::seconds(1);
constexpr Duration kRestartMax = std::chrono::seconds(30);

}  // namespace

SimWorld::SimWorld(const SimOptions& options, Owner& owner)
    : options_(options),
      owner_(owner),
      draw_(options.seed + 1),
      vfs_("world", SimDisk(), options.seed + 2),
      random_(options.seed + 3),
      drbg_(crypto::Drbg::create().value()),
      boot_(BootId::random(random_).value()),
      chronicle_(clock_) {
  for (const SinkName& sink : options.sinks) {
    sinks_.try_emplace(sink.text, options.refused_percent, options.lost_answer_percent, clock_, draw_);
  }
  for (const config::NamedSource& source : options.sources) {
    brokers_.try_emplace(source.name, options.window, history_).first->second.connect();
  }
}

SimWorld::~SimWorld() { vfs_.kill(); }

void SimWorld::after(Duration delay, std::function<void()> happening) {
  agenda_.emplace(clock_.elapsed() + delay, std::move(happening));
}

Outcome SimWorld::run() {
  start_gateway();
  after(options_.gap_max, [this] { publish(); });
  after(options_.calm_max, [this] { trouble(); });
  std::uint64_t steps = 0;
  while (published_ < options_.messages && ++steps < kStepsMax && step()) continue;
  end_troubles();
  const Duration patience = clock_.elapsed() + kSettleMax;
  while (!settled() && clock_.elapsed() < patience && ++steps < kStepsMax && step()) continue;

  Outcome outcome;
  gather_evidence(outcome.complaints);
  for (std::string& complaint : complaints_about(history_)) outcome.complaints.push_back(std::move(complaint));
  outcome.chronicle = chronicle_.text();
  outcome.digest = crypto::sha256(as_bytes(outcome.chronicle)).value().hex();
  outcome.elapsed = clock_.elapsed();
  outcome.marks = chronicle_.marks();
  return outcome;
}

/// Moves to the next moment when something happens, and lets it. False when nothing will ever happen again.
bool SimWorld::step() {
  std::optional<Duration> next;
  if (!agenda_.empty()) next = agenda_.begin()->first;
  if (gateway_) {
    if (const auto deadline = gateway_->next_deadline()) {
      const Duration then = clock_.elapsed() + (*deadline - clock_.now().monotonic);
      if (!next || then < *next) next = then;
    }
  }
  if (!next) return false;
  if (*next > clock_.elapsed()) clock_.advance(*next - clock_.elapsed());
  vfs_.set_wall(clock_.now().wall);
  while (!agenda_.empty() && agenda_.begin()->first <= clock_.elapsed()) {
    const auto happening = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    happening();
  }
  pump();
  return true;
}

void SimWorld::start_gateway() {
  if (gateway_) return;
  vfs_.start();
  const SimMachine machine{options_, vfs_,    sinks_,     clock_, owner_.public_keys(),
                           drbg_,    random_, chronicle_, boot_,  *this};
  auto started = SimGateway::start(machine, [this](const storage::Spool&, const storage::SpoolView& view) {
    chronicle_.look_at(view, options_.sinks);
  });
  if (started) {
    chronicle_.mark("started");
    gateway_ = std::move(*started);
    if (vfs_.down()) after_death();
    return;
  }
  chronicle_.mark("start failed", std::string(kind_name(started.error().kind)));
  after_death();
}

/// Whatever ended it: nothing is left but the disk and what the others know.
void SimWorld::after_death() {
  gateway_.reset();
  for (auto& [source, broker] : brokers_) broker.process_ended(draw_);
  if (vfs_.counts().cuts != cuts_seen_) {
    cuts_seen_ = vfs_.counts().cuts;
    clock_.reboot();
    boot_ = BootId::random(random_).value();
    chronicle_.mark("power cut");
  }
  after(draw_.duration(std::chrono::milliseconds(100), kRestartMax), [this] {
    for (auto& [source, broker] : brokers_) broker.connect();
    // Troubles do not wait until the last one is over.
    if (!trouble_over_ && draw_.perhaps(30)) arm_the_disk();
    start_gateway();
  });
}

/// The process ends by itself, as agent/runtime does: what it can still tidy up it does, or someone kills it.
void SimWorld::fail(const Error& why) {
  if (!vfs_.down()) {
    chronicle_.mark("gave up", std::string(kind_name(why.kind)));
    if (draw_.perhaps(50)) vfs_.kill();
  }
  after_death();
}

void SimWorld::pump() {
  for (moved_ = true; gateway_ && std::exchange(moved_, false);) {
    if (auto turned = gateway_->sealing_loop().turn(clock_.now()); !turned) return fail(turned.error());
    if (vfs_.down()) return after_death();
    auto forwarded = gateway_->forward(clock_);
    if (vfs_.down()) return after_death();
    if (!forwarded) {
      const Kind kind = forwarded.error().kind;
      if (kind == Kind::fault || kind == Kind::corrupt) return fail(forwarded.error());
      chronicle_.mark("forwarding held", std::string(kind_name(kind)));
      return after(kSpoolRetry, [] {});
    }
    moved_ = moved_ || *forwarded;
  }
}

std::optional<agent::SourceEvent> SimWorld::next() {
  const Now now = clock_.now();
  for (std::size_t source = 0; source < options_.sources.size(); ++source) {
    const std::string& name = options_.sources[source].name;
    auto arrival = brokers_.at(name).send(now);
    if (!arrival) continue;
    moved_ = true;
    chronicle_.note("arrival " + std::to_string(arrival->number) + " of " + name + ", packet " +
                    std::to_string(arrival->message.packet_id) + (arrival->message.dup ? ", again" : ""));
    if (arrival->too_large) {
      chronicle_.mark("too large");
      return agent::SourceEvent{source, now.monotonic,
                                agent::SourceEvent::TooLarge{arrival->number, std::move(arrival->message.topic)}};
    }
    if (options_.lost_connections && !trouble_over_ && draw_.perhaps(1)) lose_connection();
    return agent::SourceEvent{
        source, now.monotonic,
        agent::SourceEvent::Arrival{arrival->number, arrival->acknowledged, std::move(arrival->message)}};
  }
  return std::nullopt;
}

void SimWorld::act_on(const agent::CommitReport& report) {
  chronicle_.on_commit(report);
  moved_ = moved_ || !report.releases.empty();
  for (const auto& [source, number] : report.releases) {
    chronicle_.note("release " + std::to_string(number) + " of " + source);
    brokers_.at(source).release(number);
  }
}

}  // namespace edgeseal::test
