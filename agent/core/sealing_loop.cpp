// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/sealing_loop.h"

#include <utility>

namespace edgeseal::agent {

SealingLoop::Rest SealingLoop::rest() const {
  return {committer_.next_deadline(), committer_.full() ? 0 : committer_.arrivals_awaited()};
}

Result<void> SealingLoop::turn(Now now) {
  while (!committer_.full()) {
    std::optional<SourceEvent> event = driver_.next();
    if (!event) break;
    if (auto taken = hand_over(std::move(*event), now); !taken) return taken;
  }
  CommitReport report = committer_.advance_to(now);
  driver_.act_on(report);
  return std::move(report.outcome);
}

Result<void> SealingLoop::finish(Now now) {
  CommitReport report = committer_.commit(now, true);
  driver_.act_on(report);
  return std::move(report.outcome);
}

Result<void> SealingLoop::hand_over(SourceEvent&& event, Now now) {
  now.monotonic = event.came;
  const std::string& source = sources_[event.source];
  if (auto* arrival = std::get_if<SourceEvent::Arrival>(&event.what)) {
    return committer_.on_message(source, arrival->number, arrival->acknowledged, std::move(arrival->message), now);
  }
  if (const auto* large = std::get_if<SourceEvent::TooLarge>(&event.what)) {
    committer_.on_too_large(source, large->number, large->topic, now);
  } else if (const auto* connected = std::get_if<SourceEvent::Connected>(&event.what)) {
    committer_.on_connected(source, connected->session_present, now);
  } else if (const auto* dropped = std::get_if<SourceEvent::BrokerDropped>(&event.what)) {
    committer_.on_broker_dropped(source, dropped->total, now);
  } else if (const auto* subscriptions = std::get_if<SourceEvent::Subscriptions>(&event.what)) {
    return committer_.on_subscriptions(source, subscriptions->all);
  } else {
    for (const auto& [which, count] : std::get<SourceEvent::Qos0Dropped>(event.what).counts) {
      committer_.on_qos0_dropped(which.first, which.second, count, now);
    }
  }
  return {};
}

}  // namespace edgeseal::agent
