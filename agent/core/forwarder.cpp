// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/forwarder.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/ensure.h"
#include "crypto/primitives/sha2.h"

namespace edgeseal::agent {
namespace {

/// So often is a batch sent whose refusal may pass.
constexpr std::uint32_t kDoubtfulRefusalsMax = 5;
/// So many batches may be in doubt at once. More are no fault of the batches: then the sink waits.
constexpr std::size_t kDoubtsMax = 32;
/// So often a paused sink is asked whether it has what it lacked.
constexpr Duration kLookInterval = std::chrono::seconds(1);

}  // namespace

Forwarder::Forwarder(std::string gateway, SinkName sink, BackoffOptions backoff, transport::Sink& target,
                     storage::Spool& spool, const storage::SpoolView& view, Random& random, Observer& observer)
    : gateway_(std::move(gateway)),
      sink_(std::move(sink)),
      backoff_(backoff),
      spool_backoff_(backoff),
      target_(target),
      spool_(spool),
      view_(view),
      random_(random),
      observer_(observer) {}

std::optional<MonotonicTime> Forwarder::next_deadline() const {
  if (next_try_) return paused_ && next_look_ ? std::min(*next_try_, *next_look_) : *next_try_;
  std::optional<MonotonicTime> earliest;
  for (const auto& [row, doubt] : doubts_) {
    if (!earliest || doubt.next_try < *earliest) earliest = doubt.next_try;
  }
  return earliest;
}

Result<bool> Forwarder::step(Now now, const Clock& clock) {
  if (waits(now)) return false;
  if (verdict_) return write_verdict(now);
  auto batch = next_batch(now);
  if (!batch) return hold(batch.error(), now);
  if (!*batch) {
    // What is due and not there any more was dropped or has expired: nobody waits for its next try.
    std::erase_if(doubts_, [&](const auto& doubt) { return now.monotonic >= doubt.second.next_try; });
    return false;
  }
  auto bytes = sound_bytes(**batch);
  if (!bytes) return hold(bytes.error(), now);
  if (!*bytes) return true;  // the spool made room with it meanwhile
  if ((*bytes)->empty()) return conclude({.what = Verdict::What::damaged, .batch = **batch}, now);
  return send(**batch, **bytes, clock);
}

/// Whether the wait after a failure is still on.
bool Forwarder::waits(Now now) {
  if (!next_try_) return false;
  const bool over = now.monotonic >= *next_try_;
  if (!over && paused_ && next_look_ && now.monotonic >= *next_look_) {
    next_look_ = now.monotonic + kLookInterval;
    if (!target_.renewed()) return true;
  } else if (!over) {
    return true;
  }
  next_try_.reset();
  next_look_.reset();
  paused_ = false;
  return false;
}

Result<std::optional<storage::QueuedBatch>> Forwarder::next_batch(Now now) const {
  std::vector<std::int64_t> waiting;
  for (const auto& [row, doubt] : doubts_) {
    if (now.monotonic < doubt.next_try) waiting.push_back(row);
  }
  auto pending = view_.pending_for(sink_, 1, waiting);
  if (!pending) return failed(pending);
  if (pending->empty()) return std::nullopt;
  return std::move(pending->front());
}

/// The batch as it was sealed. Nothing when it has gone meanwhile; empty when the disk no longer has it so.
Result<std::optional<Bytes>> Forwarder::sound_bytes(const storage::QueuedBatch& batch) const {
  for (const bool afresh : {false, true}) {
    auto bytes = afresh ? view_.object_afresh(batch.row) : view_.object(batch.row);
    if (!bytes || !*bytes) return bytes;
    auto digest = crypto::sha256(**bytes);
    if (!digest) return failed(digest);
    if (*digest == batch.digest) return bytes;
  }
  return Bytes{};
}

Result<bool> Forwarder::send(const storage::QueuedBatch& batch, ByteView bytes, const Clock& clock) {
  const transport::SealedObject object{
      .bytes = bytes,
      .digest = batch.digest,
      .gateway = gateway_,
      .route = batch.route,
      .sequence = batch.sequence,
      .batch = batch.id,
      .journal = batch.kind == storage::BatchKind::journal,
      .sealed = batch.sealed,
  };
  auto answer = deliver(object);
  // The answer may have taken a minute: what follows from it is timed from now, not from before.
  const Now now = clock.now();
  if (!answer) return refused(batch, answer.error(), now);
  backoff_.after_success();
  return conclude({.what = Verdict::What::delivered, .batch = batch}, now);
}

/// A sink must not throw. One that does all the same, for want of memory, has failed for now: the batch stays.
Result<void> Forwarder::deliver(const transport::SealedObject& object) {
  try {
    return target_.deliver(object);
  } catch (const std::exception& thrown) {
    return fail(Kind::transient, std::string("the sink failed: ") + thrown.what());
  }
}

// --- verdicts ---

Result<bool> Forwarder::conclude(Verdict verdict, Now now) {
  ENSURE(!verdict_);
  doubts_.erase(verdict.batch.row);
  verdict_ = std::move(verdict);
  return write_verdict(now);
}

Result<bool> Forwarder::write_verdict(Now now) {
  if (auto written = write(*verdict_); !written) return hold(written.error(), now);
  spool_backoff_.after_success();
  tell(*verdict_);
  verdict_.reset();
  return true;
}

Result<void> Forwarder::write(const Verdict& verdict) {
  switch (verdict.what) {
    case Verdict::What::delivered:
      return spool_.confirm(sink_, verdict.batch.row);
    case Verdict::What::quarantined:
      return spool_.quarantine(sink_, verdict.batch.row, verdict.why->message());
    case Verdict::What::damaged:
      return spool_.drop_damaged(verdict.batch.row);
  }
  return {};
}

void Forwarder::tell(const Verdict& verdict) {
  switch (verdict.what) {
    case Verdict::What::delivered:
      return observer_.on_delivered(sink_, verdict.batch);
    case Verdict::What::quarantined:
      return observer_.on_quarantined(sink_, verdict.batch, *verdict.why);
    case Verdict::What::damaged:
      return observer_.on_lost(verdict.batch.route, storage::DropReason::damaged, verdict.batch.records);
  }
}

// --- refusals ---

Result<bool> Forwarder::refused(const storage::QueuedBatch& batch, const Error& why, Now now) {
  if (why.kind == Kind::batch_refused) {
    return conclude({.what = Verdict::What::quarantined, .batch = batch, .why = why}, now);
  }
  const bool known = doubts_.contains(batch.row);
  if (why.kind == Kind::batch_doubtful && (known || doubts_.size() < kDoubtsMax)) return doubtful(batch, why, now);
  Duration wait = backoff_.after_failure(random_);
  if (why.kind == Kind::overloaded && why.retry_after_ms) {
    wait = std::clamp<Duration>(std::chrono::milliseconds(*why.retry_after_ms), wait, backoff_.longest());
  } else if (why.kind == Kind::sink_refused || why.kind == Kind::unauthorised) {
    wait = backoff_.longest();
    paused_ = true;
    next_look_ = now.monotonic + kLookInterval;
  }
  next_try_ = now.monotonic + wait;
  observer_.on_delivery_failed(sink_, batch, why, *next_try_);
  return note_attempt(batch, why, now);
}

Result<bool> Forwarder::doubtful(const storage::QueuedBatch& batch, const Error& why, Now now) {
  Doubt& doubt = doubts_.try_emplace(batch.row, Doubt{Backoff(backoff_.options()), now.monotonic}).first->second;
  const Duration wait = doubt.backoff.after_failure(random_);
  if (doubt.backoff.failures() >= kDoubtfulRefusalsMax) {
    return conclude({.what = Verdict::What::quarantined, .batch = batch, .why = why}, now);
  }
  doubt.next_try = now.monotonic + wait;
  observer_.on_delivery_failed(sink_, batch, why, doubt.next_try);
  auto noted = note_attempt(batch, why, now);
  if (!noted) return noted;
  return true;  // others may go on
}

/// The attempt is a note for people: that it cannot be written is told, and changes nothing else.
Result<bool> Forwarder::note_attempt(const storage::QueuedBatch& batch, const Error& why, Now now) {
  auto noted = spool_.record_attempt(sink_, batch.row, why.message());
  if (noted) return false;
  if (is_final(noted.error())) return failed(noted, "sink " + sink_.text);
  observer_.on_spool_refused(sink_, noted.error(), next_try_.value_or(now.monotonic));
  return false;
}

/// The spool cannot be read or written for now.
Result<bool> Forwarder::hold(const Error& why, Now now) {
  if (is_final(why)) return tl::unexpected(Error(why).during("sink " + sink_.text));
  next_try_ = now.monotonic + spool_backoff_.after_failure(random_);
  observer_.on_spool_refused(sink_, why, *next_try_);
  return false;
}

}  // namespace edgeseal::agent
