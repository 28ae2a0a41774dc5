// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/sources.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace edgeseal::agent {

Result<Sources> Sources::create(const std::vector<config::NamedSource>& sources, const storage::Spool& spool,
                                Sealer& sealer) {
  Sources all;
  for (const config::NamedSource& source : sources) {
    auto mark = spool.source_mark(source.name);
    if (!mark) return failed(mark, "read what is known of " + source.name);
    auto intake = SourceIntake::create(source.mqtt.receive_maximum, std::move(*mark), sealer);
    if (!intake) return failed(intake);
    all.intakes_.emplace(source.name, std::move(*intake));
  }
  return all;
}

bool Sources::some_window_filled() const {
  return std::any_of(intakes_.begin(), intakes_.end(), [](const auto& each) { return each.second.window_filled(); });
}

std::uint64_t Sources::missing_from_windows() const {
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [name, intake] : intakes_) fewest = std::min(fewest, intake.missing_from_window());
  return fewest;
}

void Sources::note_silence(Duration silence_min, Now now) {
  for (auto& [name, intake] : intakes_) intake.note_silence(silence_min, now);
}

std::vector<storage::SourceMark> Sources::begin_commit() {
  std::vector<storage::SourceMark> marks;
  for (auto& [name, intake] : intakes_) {
    if (auto mark = intake.take_mark()) marks.push_back(std::move(*mark));
    intake.on_commit_begun();
  }
  return marks;
}

void Sources::on_losses_durable() {
  for (auto& [name, intake] : intakes_) intake.on_losses_durable();
}

Releases Sources::release(const Lanes& lanes) {
  Releases releases;
  for (auto& [name, intake] : intakes_) {
    std::optional<transport::ArrivalNumber> held;
    for (const auto& lane : lanes) {
      const auto waits_from = lane->waits_from();
      if (lane->route().source == name && waits_from) held = std::min(held.value_or(*waits_from), *waits_from);
    }
    if (const auto until = intake.release(held)) releases[name] = *until;
  }
  return releases;
}

}  // namespace edgeseal::agent
