// SPDX-License-Identifier: GPL-3.0-or-later
// What goes on around the gateway, and what goes wrong.
#include <array>

#include "tests/simulation/sim_world.h"

namespace edgeseal::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// One message in so many is for a topic that no route wants.
constexpr unsigned kUnroutedPercent = 3;
/// And so many say the same as others: only their packet identifiers tell them apart.
constexpr unsigned kAlikePercent = 30;
constexpr unsigned kTooLargePercent = 10;
constexpr std::uint64_t kOperationsMax = 120;
constexpr std::uint64_t kRoomLeftMax = 48 << 10;
/// From 1970 to 2060.
constexpr Duration kWallMax = hours(24 * 365 * 90);

}  // namespace

void SimWorld::publish() {
  do {
    Published message;
    message.number = ++published_;
    const std::size_t index = draw_.below(options_.routes.size());
    message.route = options_.routes[index].name.text;
    message.topic = "r" + std::to_string(index) + "/sensor-" + std::to_string(draw_.below(2));
    if (draw_.perhaps(kUnroutedPercent)) {
      message.route.clear();
      message.topic = "elsewhere";
    }
    if (draw_.perhaps(kAlikePercent)) {
      message.payload = "on";
    } else {
      message.payload = std::to_string(message.number) + ":";
      const std::uint64_t filling = draw_.below(options_.payload_max);
      message.payload.append(filling, static_cast<char>('a' + draw_.below(26)));
    }
    message.qos = static_cast<std::uint8_t>(draw_.pick(std::array{1, 1, 1, 2, 0}));
    message.too_large = message.qos > 0 && draw_.perhaps(kTooLargePercent);
    chronicle_.note("published " + std::to_string(message.number) + " to " + message.topic);
    brokers_.at(options_.routes[index].source).publish(std::move(message));
  } while (published_ < options_.messages && draw_.perhaps(options_.burst_percent));
  // Some of these may be on their way just then.
  if (options_.lost_connections && !trouble_over_ && draw_.perhaps(5)) lose_connection();
  if (published_ < options_.messages) {
    after(draw_.duration(milliseconds(10), options_.gap_max), [this] { publish(); });
  }
}

void SimWorld::trouble() {
  if (trouble_over_) return;
  std::vector<void (SimWorld::*)()> kinds{&SimWorld::arm_the_disk, &SimWorld::restart_cleanly};
  if (options_.kills) kinds.push_back(&SimWorld::kill_the_process);
  if (options_.power_cuts) kinds.push_back(&SimWorld::cut_the_power);
  if (options_.full_disks) kinds.push_back(&SimWorld::fill_the_disk);
  if (options_.clock_jumps) kinds.push_back(&SimWorld::jump_the_clock);
  if (options_.lost_connections) kinds.push_back(&SimWorld::lose_connection);
  if (options_.lost_sessions) kinds.push_back(&SimWorld::lose_session);
  if (options_.sink_outages) kinds.insert(kinds.end(), 3, &SimWorld::upset_a_sink);
  (this->*draw_.pick(kinds))();
  after(draw_.duration(seconds(1), options_.calm_max), [this] { trouble(); });
}

void SimWorld::kill_the_process() {
  if (!gateway_) return;
  chronicle_.mark("killed");
  vfs_.kill();
  after_death();
}

void SimWorld::cut_the_power() {
  if (!gateway_) return;
  vfs_.cut_power();
  after_death();
}

/// Some operations from now the disk fails, or the process dies, or the power goes, in the middle of whatever it is.
void SimWorld::arm_the_disk() {
  std::vector<SimVfs::Fate> fates;
  if (options_.disk_errors) fates.push_back(SimVfs::Fate::fail);
  if (options_.kills) fates.push_back(SimVfs::Fate::kill);
  if (options_.power_cuts) fates.push_back(SimVfs::Fate::cut);
  if (fates.empty()) return;
  const SimVfs::Fate fate = draw_.pick(fates);
  // Half of them at a sync, where most is at stake.
  const bool at_sync = draw_.perhaps(50);
  vfs_.set_hook(
      [this, fate, at_sync, left = draw_.below(at_sync ? 8 : kOperationsMax)](const SimVfs::Moment& moment) mutable {
        if (moment.access == SimVfs::Access::read && fate != SimVfs::Fate::fail) return SimVfs::Fate::proceed;
        if (at_sync && moment.access != SimVfs::Access::sync) return SimVfs::Fate::proceed;
        if (left-- != 0) return SimVfs::Fate::proceed;
        if (fate == SimVfs::Fate::fail) chronicle_.mark("disk error");
        if (fate == SimVfs::Fate::kill) chronicle_.mark("killed in the middle");
        return fate;
      });
}

void SimWorld::fill_the_disk() {
  SimDisk& disk = vfs_.disk();
  disk.bytes_max = disk.used() + draw_.below(kRoomLeftMax);
  chronicle_.mark("full disk");
  after(draw_.duration(seconds(1), seconds(30)),
        [&disk] { disk.bytes_max = std::numeric_limits<std::uint64_t>::max(); });
}

void SimWorld::jump_the_clock() {
  const auto wall = static_cast<std::int64_t>(draw_.below(static_cast<std::uint64_t>(kWallMax.count())));
  clock_.set_wall({Duration(wall)}, draw_.perhaps(50));
  chronicle_.mark("clock set");
}

void SimWorld::lose_connection() {
  const std::string source = draw_.pick(options_.sources).name;
  chronicle_.mark("connection lost", source);
  SimBroker& broker = brokers_.at(source);
  broker.disconnect(draw_);
  after(draw_.duration(milliseconds(1), minutes(5)), [&broker] { broker.connect(); });
}

/// The broker has forgotten all that it had yet to send.
void SimWorld::lose_session() {
  const std::string source = draw_.pick(options_.sources).name;
  chronicle_.mark("session lost", source);
  SimBroker& broker = brokers_.at(source);
  broker.lose_session(draw_);
  after(draw_.duration(milliseconds(1), minutes(5)), [&broker] { broker.connect(); });
}

void SimWorld::upset_a_sink() {
  using Mood = SimSink::Mood;
  const std::string name = draw_.pick(options_.sinks).text;
  SimSink& sink = sinks_.at(name);
  const Mood mood = draw_.pick(
      std::array{Mood::unreachable, Mood::unreachable, Mood::overloaded, Mood::unauthorised, Mood::refusing});
  sink.set_mood(mood);
  chronicle_.mark("sink upset", name + " " + std::to_string(static_cast<int>(mood)));
  after(draw_.duration(minutes(1), options_.outage_max), [&sink] { sink.set_mood(Mood::fine); });
}

/// SIGTERM: open batches are sealed whole.
void SimWorld::restart_cleanly() {
  if (!gateway_) return;
  if (auto finished = gateway_->sealing_loop().finish(clock_.now()); !finished) return fail(finished.error());
  chronicle_.mark("restarted cleanly");
  after_death();
}

void SimWorld::end_troubles() {
  chronicle_.note("troubles end");
  trouble_over_ = true;
  vfs_.set_hook(nullptr);
  vfs_.disk().bytes_max = std::numeric_limits<std::uint64_t>::max();
  for (auto& [name, sink] : sinks_) sink.become_reliable();
  for (auto& [source, broker] : brokers_) broker.connect();
  pump();
}

}  // namespace edgeseal::test
