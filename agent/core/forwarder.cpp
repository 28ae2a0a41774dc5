// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/forwarder.h"

#include <algorithm>

#include "agent/core/losses.h"
#include "crypto/primitives/sha2.h"

namespace edgeseal::agent {

Forwarder::Forwarder(std::string gateway, SinkName sink, BackoffOptions backoff, transport::Sink& target,
                     storage::Spool& spool, const storage::SpoolView& view, Random& random, Observer& observer)
    : gateway_(std::move(gateway)),
      sink_(std::move(sink)),
      backoff_(backoff),
      target_(target),
      spool_(spool),
      view_(view),
      random_(random),
      observer_(observer) {}

Result<bool> Forwarder::step(Now now, const Clock& clock) {
  if (next_try_ && now.monotonic < *next_try_) return false;
  next_try_.reset();
  auto pending = view_.pending_for(sink_, 1);
  if (!pending) return failed(pending, "sink " + sink_.text);
  if (pending->empty()) return false;
  const storage::QueuedBatch& batch = pending->front();
  auto bytes = view_.object(batch.row);
  if (!bytes) return failed(bytes, "sink " + sink_.text);
  if (!*bytes) return true;  // the spool made room with it meanwhile
  auto digest = crypto::sha256(**bytes);
  if (!digest) return failed(digest, "sink " + sink_.text);
  if (*digest != batch.digest) return damaged(batch);
  const transport::SealedObject object{
      .bytes = **bytes,
      .digest = batch.digest,
      .gateway = gateway_,
      .route = batch.route,
      .sequence = batch.sequence,
      .batch = batch.id,
      .journal = batch.kind == storage::BatchKind::journal,
      .sealed = batch.sealed,
  };
  auto answer = target_.deliver(object);
  // The answer may have taken a minute: what follows from it is timed from now, not from before.
  if (!answer) return refused(batch, answer.error(), clock.now());
  return delivered(batch);
}

Result<bool> Forwarder::delivered(const storage::QueuedBatch& batch) {
  backoff_.after_success();
  if (auto confirmed = spool_.confirm(sink_, batch.row); !confirmed) return failed(confirmed, "sink " + sink_.text);
  observer_.on_delivered(sink_, batch);
  return true;
}

Result<bool> Forwarder::damaged(const storage::QueuedBatch& batch) {
  if (auto dropped = spool_.drop_damaged(batch.row); !dropped) return failed(dropped, "sink " + sink_.text);
  observer_.on_lost(batch.route, kLostWithDamagedBatch, batch.records);
  return true;
}

Result<bool> Forwarder::refused(const storage::QueuedBatch& batch, const Error& why, Now now) {
  if (why.kind == Kind::batch_refused) {
    if (auto done = spool_.quarantine(sink_, batch.row, why.message()); !done) return failed(done, "quarantine");
    observer_.on_quarantined(sink_, batch, why);
    return true;
  }
  Duration wait = backoff_.after_failure(random_);
  if (why.kind == Kind::overloaded && why.retry_after_ms) {
    wait = std::clamp<Duration>(std::chrono::milliseconds(*why.retry_after_ms), wait, backoff_.longest());
  } else if (why.kind == Kind::sink_refused || why.kind == Kind::unauthorised) {
    wait = backoff_.longest();
  }
  next_try_ = now.monotonic + wait;
  if (auto noted = spool_.record_attempt(sink_, batch.row, why.message()); !noted) return failed(noted, "sink");
  observer_.on_delivery_failed(sink_, batch, why, *next_try_);
  return false;
}

}  // namespace edgeseal::agent
