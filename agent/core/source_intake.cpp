// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/source_intake.h"

#include <algorithm>
#include <utility>

namespace edgeseal::agent {

Result<SourceIntake> SourceIntake::create(std::uint32_t receive_maximum, storage::SourceMark recorded, Sealer& sealer) {
  auto of_redelivery = sealer.new_fingerprinter();
  if (!of_redelivery) return failed(of_redelivery);
  auto of_copies = sealer.new_fingerprinter();
  if (!of_copies) return failed(of_copies);
  return SourceIntake(receive_maximum, std::move(recorded), std::move(*of_redelivery), std::move(*of_copies));
}

void SourceIntake::on_arrival(transport::ArrivalNumber number, bool awaits_acknowledgement, Now now) {
  newest_ = number;
  last_arrival_ = now.monotonic;
  if (awaits_acknowledgement) window_.on_arrival(++waiting_);
}

Result<SourceIntake::Seen> SourceIntake::look_at(const transport::Message& message, transport::ArrivalNumber number,
                                                 transport::ArrivalNumber acknowledged) {
  auto copy = copies_.is_copy(message);
  if (!copy) return failed(copy);
  // Of a copy too, which the broker sends again like any other until it is acknowledged.
  auto repeated = redelivery_.is_repetition(message, number, acknowledged);
  if (!repeated) return failed(repeated);
  if (*repeated) return Seen::before;
  return *copy ? Seen::as_copy : Seen::never;
}

void SourceIntake::on_loss(transport::ArrivalNumber number) {
  if (!loss_) loss_ = number;
}

bool SourceIntake::on_connected(bool session_present) {
  if (!session_present) redelivery_.forget();
  return upstream_.session_lost(session_present);
}

std::optional<storage::SourceMark> SourceIntake::take_mark() {
  if (!upstream_.changed()) return std::nullopt;
  upstream_.recorded();
  return upstream_.mark();
}

void SourceIntake::note_silence(Duration silence_min, Now now) {
  if (waiting_ > 0 && now.monotonic - last_arrival_ >= silence_min) window_.on_silence(waiting_);
}

std::optional<transport::ArrivalNumber> SourceIntake::release(std::optional<transport::ArrivalNumber> held) {
  transport::ArrivalNumber until = newest_;
  for (const auto& first : {held, loss_}) {
    if (first) until = std::min(until, *first - 1);
  }
  if (until <= released_) return std::nullopt;
  released_ = until;
  return until;
}

}  // namespace edgeseal::agent
