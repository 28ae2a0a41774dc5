// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/sim_broker.h"

#include <algorithm>

namespace edgeseal::test {

void SimBroker::publish(Published message) {
  if (message.qos == 0 && !connected_) return;
  waiting_.push_back(std::move(message));
}

void SimBroker::connect() {
  if (connected_) return;
  connected_ = true;
  ++connection_;
}

void SimBroker::take_acknowledgements(std::size_t count) {
  for (; count > 0; --count) {
    const std::uint16_t acknowledged = acknowledgements_.front();
    acknowledgements_.pop_front();
    std::erase_if(in_flight_, [&](const InFlight& one) { return one.packet_id == acknowledged; });
  }
}

void SimBroker::disconnect(Draw& draw) {
  if (!connected_) return;
  take_acknowledgements(draw.below(acknowledgements_.size() + 1));
  acknowledgements_.clear();
  // Messages under way do not arrive; the broker does not know, and will send them with DUP.
  for (std::uint64_t lost = draw.below(3); lost > 0 && next_fits(); --lost) {
    if (waiting_.front().qos > 0) in_flight_.push_back({waiting_.front(), free_packet_id(), connection_});
    waiting_.pop_front();
  }
  std::erase_if(waiting_, [](const Published& message) { return message.qos == 0; });
  connected_ = false;
}

void SimBroker::process_ended(Draw& draw) {
  disconnect(draw);
  for (InFlight& one : in_flight_) one.sent_on = 0;
  connection_ = 0;
  newest_ = 0;
  acknowledged_ = 0;
  unreleased_.clear();
}

void SimBroker::lose_session(Draw& draw) {
  disconnect(draw);
  waiting_.clear();
  in_flight_.clear();
  newest_packet_id_ = 0;
}

std::uint16_t SimBroker::free_packet_id() {
  // Few of them, so that they are soon used again; some brokers take the lowest that is free.
  if (window_ % 2 == 1) newest_packet_id_ = 0;
  const std::uint64_t ids = 2 * window_ + 1;
  do {
    newest_packet_id_ = static_cast<std::uint16_t>(newest_packet_id_ % ids + 1);
  } while (std::any_of(in_flight_.begin(), in_flight_.end(),
                       [this](const InFlight& one) { return one.packet_id == newest_packet_id_; }));
  return newest_packet_id_;
}

Arrival SimBroker::arrive(const Published& message, std::uint16_t packet_id, bool dup, Now now) {
  Arrival arrival{.number = ++newest_, .acknowledged = acknowledged_, .message = {}, .too_large = message.too_large};
  arrival.message.topic = message.topic;
  arrival.message.payload = to_plain(as_bytes(message.payload));
  arrival.message.qos = message.qos;
  arrival.message.dup = dup;
  arrival.message.packet_id = packet_id;
  arrival.message.connection = connection_;
  arrival.message.received = now.wall;
  Sent sent{.message = message.number, .route = message.route, .record = {}, .too_large = message.too_large};
  sent.record.received = now.wall;
  sent.record.topic = message.topic;
  sent.record.payload = arrival.message.payload;
  sent.record.qos = message.qos;
  sent.record.dup = dup;
  sent.record.packet_id = packet_id;
  sent.record.connection = connection_;
  unreleased_.push_back({newest_, connection_, packet_id, history_.sent.size()});
  history_.sent.push_back(std::move(sent));
  return arrival;
}

bool SimBroker::next_fits() const {
  return !waiting_.empty() && (waiting_.front().qos == 0 || in_flight_.size() < window_);
}

std::optional<Arrival> SimBroker::send(Now now) {
  if (!connected_) return std::nullopt;
  take_acknowledgements(acknowledgements_.size());
  for (InFlight& one : in_flight_) {
    if (one.sent_on == connection_) continue;
    one.sent_on = connection_;
    return arrive(one.message, one.packet_id, true, now);
  }
  if (!next_fits()) return std::nullopt;
  const Published message = std::move(waiting_.front());
  waiting_.pop_front();
  if (message.qos == 0) return arrive(message, 0, false, now);
  const std::uint16_t packet_id = free_packet_id();
  in_flight_.push_back({message, packet_id, connection_});
  return arrive(message, packet_id, false, now);
}

void SimBroker::release(transport::ArrivalNumber number) {
  while (!unreleased_.empty() && unreleased_.front().number <= number) {
    const Unreleased arrival = unreleased_.front();
    unreleased_.pop_front();
    history_.sent[arrival.sent].acknowledged = true;
    // A connection takes the acknowledgements of what came on it alone.
    if (arrival.packet_id == 0 || !connected_ || arrival.connection != connection_) continue;
    acknowledgements_.push_back(arrival.packet_id);
    acknowledged_ = arrival.number;
  }
}

}  // namespace edgeseal::test
