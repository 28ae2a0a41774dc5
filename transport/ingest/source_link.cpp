// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/source_link.h"

#include <new>
#include <utility>

#include "crypto/base/ensure.h"

namespace edgeseal::transport {

SourceLink::SourceLink(const MqttOptions& options, const std::vector<Subscription>& configured,
                       const std::vector<std::string>& remembered, bool session_expected)
    : keep_alive_(options.keep_alive),
      plan_(options.version, configured, remembered),
      grants_(options, plan_.wanted(), session_expected) {}

AckGate* SourceLink::gate() const {
  if (const auto* connecting = std::get_if<Connecting>(&state_)) return &connecting->gate;
  if (const auto* connected = std::get_if<Connected>(&state_)) return &connected->gate;
  return nullptr;
}

std::optional<std::string>* SourceLink::last_words() {
  if (auto* connecting = std::get_if<Connecting>(&state_)) return &connecting->last_words;
  if (auto* connected = std::get_if<Connected>(&state_)) return &connected->last_words;
  return nullptr;
}

// --- from state to state ---

void SourceLink::connecting(AckGate& gate) {
  state_.emplace<Connecting>(Connecting{.gate = gate});
  if (stopping_) gate.stop();
}

SourceLink::Opening SourceLink::connected(const Connack& connack, TimePoint now) {
  AckGate& gate = std::get<Connecting>(state_).gate;
  state_.emplace<Connected>(Connected{.gate = gate, .since = now});
  Opening opening;
  opening.session_present = connack.session_present && !new_session_untold_;
  new_session_untold_ = !opening.session_present;
  opening.packets = plan_.connected(connack);
  grants_.connected(connack, opening.packets);
  opening.held = plan_.news();
  opening.shortfalls = grants_.news();
  const std::chrono::seconds wanted{connack.server_keep_alive_seconds.value_or(0)};
  if (wanted.count() > 0 && (wanted < keep_alive_ || keep_alive_.count() == 0)) gate.keep_alive(wanted);
  opening.connection = ++connections_;
  return opening;
}

void SourceLink::connack_unread() {
  new_session_untold_ = true;  // perhaps; to say so too often is better than not at all
  plan_.connack_lost();
}

void SourceLink::closed(const std::string& why) noexcept {
  auto* words = last_words();
  if (words == nullptr) return;
  if (!why.empty()) gate()->stop();  // what it holds is not for this connection any more
  words->emplace();
  try {
    **words = why;
  } catch (const std::bad_alloc&) {
    **words = kOutOfMemory;
  }
}

SourceLink::Ended SourceLink::disconnected(TimePoint now) {
  Ended ended;
  if (std::holds_alternative<Connecting>(state_)) plan_.connack_lost();
  if (const auto* connected = std::get_if<Connected>(&state_)) ended.stood = now - connected->since;
  if (auto* words = last_words(); words != nullptr && *words) ended.last_words = std::move(**words);
  arrivals_.connection_ended();
  state_ = Disconnected{};
  return ended;
}

void SourceLink::stop() {
  stopping_ = true;
  if (AckGate* open = gate()) open->stop();
}

bool SourceLink::over() const {
  if (const auto* connecting = std::get_if<Connecting>(&state_)) return connecting->last_words.has_value();
  if (const auto* connected = std::get_if<Connected>(&state_)) return connected->last_words.has_value();
  return true;
}

// --- what the broker says ---

SourceLink::Taken SourceLink::came(Message& message) {
  ENSURE(gate() != nullptr);
  message.connection = connections_;
  if (!plan_.knows(message.subscription_ids)) message.subscription_ids.clear();
  if (message.qos == 2) message.dup = gate()->was_dup(message.packet_id);
  Taken taken{.number = arrivals_.came(message)};
  if (message.qos > 0 && message.payload.empty()) taken.skipped_bytes = gate()->skipped_bytes(message.packet_id);
  return taken;
}

bool SourceLink::drop_count_came(std::uint64_t count) {
  auto* connected = std::get_if<Connected>(&state_);
  if (connected == nullptr) return true;
  return std::exchange(connected->drop_count, count) != count;
}

std::optional<std::vector<Shortfall>> SourceLink::subscribed(const std::string& filter, std::uint8_t code,
                                                             const std::string& words) {
  plan_.subscribed(filter, code);
  grants_.answered(filter, code, words);
  return grants_.news();
}

SourceLink::GivenUp SourceLink::unsubscribed(const std::string& filter, std::uint8_t code, const std::string& words) {
  grants_.given_up(filter, plan_.unsubscribed(filter, code), words);
  return {plan_.news(), grants_.news()};
}

// --- acknowledgements ---

void SourceLink::release(ArrivalNumber number) {
  // While connecting, `connections_` is that of the gate before, which used the same identifiers.
  const auto packet_ids = arrivals_.release(number, std::holds_alternative<Connected>(state_) ? connections_ : 0);
  if (AckGate* open = gate()) open->release(packet_ids);
}

}  // namespace edgeseal::transport
