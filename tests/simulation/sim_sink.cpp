// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/sim_sink.h"

namespace edgeseal::test {
namespace {

constexpr Duration kQuick = std::chrono::milliseconds(50);
constexpr Duration kSlowMax = std::chrono::minutes(1);
constexpr std::uint64_t kRetryAfterMsMax = 600'000;

/// As the key templates of sinks: the same for each try.
std::string name_of(const transport::SealedObject& object) {
  return object.route.text + "/" + format_date(object.sealed) + "/" + std::to_string(object.sequence.number) + "-" +
         object.batch.hex() + (object.journal ? ".esdks" : ".esdk");
}

}  // namespace

void SimSink::become_reliable() {
  mood_ = Mood::fine;
  lost_answer_percent_ = 0;
}

bool SimSink::refuses(const transport::SealedObject& object) {
  const auto [known, added] = answers_.try_emplace(name_of(object), false);
  if (added) known->second = draw_.perhaps(refused_percent_);
  if (known->second) refused_.emplace(object.route.text, object.sequence.number);
  return known->second;
}

void SimSink::keep(const transport::SealedObject& object) {
  const auto [known, added] = names_.try_emplace(name_of(object), arrived_.size());
  if (!added) {
    if (arrived_[known->second].digest != object.digest) ++overwritten_;
    return;
  }
  arrived_.push_back(
      {{object.route.text, object.sequence.number}, object.digest, Bytes(object.bytes.begin(), object.bytes.end())});
}

Result<void> SimSink::deliver(const transport::SealedObject& object) {
  clock_.advance(draw_.perhaps(5) ? draw_.duration(kQuick, kSlowMax) : kQuick);
  switch (mood_) {
    case Mood::fine:
      break;
    case Mood::unreachable:
      return fail(Kind::transient, "unreachable");
    case Mood::overloaded: {
      Error error{.kind = Kind::overloaded, .what = "503", .where = {}, .fix = {}};
      if (draw_.perhaps(50)) error.retry_after_ms = static_cast<int>(draw_.below(kRetryAfterMsMax));
      return tl::unexpected<Error>(std::move(error));
    }
    case Mood::unauthorised:
      return fail(Kind::unauthorised, "401");
    case Mood::refusing:
      return fail(Kind::sink_refused, "403");
  }
  if (refuses(object)) return fail(Kind::batch_refused, "413");
  if (draw_.perhaps(lost_answer_percent_)) {
    // The far side has it, or not; we are not told.
    if (draw_.perhaps(50)) keep(object);
    return fail(Kind::transient, "the answer is lost");
  }
  keep(object);
  return {};
}

}  // namespace edgeseal::test
