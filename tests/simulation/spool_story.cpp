// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/spool_story.h"

#include <algorithm>
#include <stdexcept>

namespace edgeseal::test {
namespace {

template <typename T>
T value_of(Result<T> result, const char* step) {
  if (!result) throw std::runtime_error(std::string(step) + ": " + result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

int priority_of(const std::string& route) { return route == "health" ? 7 : route == "video" ? 2 : 5; }

std::vector<SinkName> sinks_of(const std::string& route) {
  if (route == "health") return {{"disk"}, {"lake"}};
  return {{"lake"}};
}

/// Not SHA-256: the spool keeps digests and makes none.
Digest digest_of(ByteView bytes) {
  Digest digest;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint8_t& at = digest.bytes[i % Digest::kSize];
    at = static_cast<std::uint8_t>(at * 31 + bytes[i]);
  }
  return digest;
}

}  // namespace

const std::vector<std::string>& SpoolStory::routes() {
  static const std::vector<std::string> kRoutes{"health", "telemetry", "video"};
  return kRoutes;
}
const std::vector<std::string>& SpoolStory::sinks() {
  static const std::vector<std::string> kSinks{"disk", "lake"};
  return kSinks;
}

SpoolStory::SpoolStory(SimVfs& vfs, storage::SpoolOptions options, std::uint64_t seed)
    : vfs_(vfs), options_(std::move(options)), random_(seed), ids_(seed), model_(options_) {
  options_.vfs = vfs.name();
}

SpoolStory::~SpoolStory() { vfs_.kill(); }

void SpoolStory::step() {
  if (!spool_) return open();
  if (!leftovers_.empty()) return promote();
  const unsigned drawn = below(100);
  if (drawn < 60) return commit_something();
  if (drawn < 88) return deliver_something();
  if (drawn < 91) return subscribe();
  if (drawn < 96) return close();
  die();
}

SpoolState SpoolStory::acknowledged() const {
  SpoolModel opened = model_;
  opened.open();
  return opened.state();
}

void SpoolStory::open() {
  spool_ = value_of(storage::Spool::open(options_, ids_), "open");
  vfs_.disk().sync_names();  // as Spool::open does with the system's files
  id_ = spool_->id();
  leftovers_ = value_of(spool_->leftover_journals(), "leftover journals");
  open_journals_.clear();
  model_.open();
}

void SpoolStory::close() { spool_.reset(); }

void SpoolStory::die() {
  vfs_.kill();
  spool_.reset();
  vfs_.start();
}

Bytes SpoolStory::some_bytes() {
  constexpr unsigned kSmallMax = 3000;
  constexpr unsigned kLargeMax = 30'000;
  Bytes bytes(1 + below(below(4) == 0 ? kLargeMax : kSmallMax));
  (void)ids_.fill(bytes);
  return bytes;
}

storage::SealedBatch SpoolStory::next_batch(const std::string& route) {
  storage::SealedBatch batch;
  batch.route = {route};
  batch.sequence = {model_.next_sequence(route)};
  batch.id = BatchId::random(ids_).value();
  batch.object = some_bytes();
  batch.digest = digest_of(batch.object);
  batch.records = 1 + below(9);
  batch.sealed = {Duration{++now_us_}};
  batch.priority = priority_of(route);
  batch.sinks = sinks_of(route);
  return batch;
}

void SpoolStory::add_frame(const std::string& route, storage::SpoolChange& change) {
  if (!open_journals_.contains(route)) {
    const storage::SealedBatch batch = next_batch(route);
    open_journals_[route] = {batch.route, batch.sequence, batch.id, some_bytes(), batch.priority, batch.sinks};
    change.journals.push_back(open_journals_[route]);
  }
  const auto records = 1 + below(5);
  // Nothing here promotes, which is what looks at a frame's digest.
  change.frames.push_back({.route = {route},
                           .batch = open_journals_[route].batch,
                           .bytes = some_bytes(),
                           .digest = {},
                           .records = records,
                           .sealed = {Duration{++now_us_}}});
}

void SpoolStory::add_batch(const std::string& route, storage::SpoolChange& change) {
  storage::SealedBatch batch = next_batch(route);
  if (const auto journal = open_journals_.find(route); journal != open_journals_.end()) {
    batch.id = journal->second.batch;
    open_journals_.erase(journal);
  }
  if (below(10) == 0) batch.sinks.clear();
  for (const auto& drop : value_of(spool_->unreported_drops({route}), "unreported drops")) {
    batch.drops_reported.push_back(drop.row);
  }
  change.batches.push_back(std::move(batch));
}

void SpoolStory::commit_something() {
  const auto journals_before = open_journals_;
  storage::SpoolChange change;
  for (const std::string& route : routes()) {
    const unsigned drawn = below(10);
    if (drawn < 4) add_frame(route, change);
    if (drawn >= 4 && drawn < 7) add_batch(route, change);
    if (drawn == 9)
      change.drops.push_back({0, {route}, {}, 1 + below(5), storage::DropReason::too_large, {Duration{++now_us_}}});
  }
  SpoolModel after = model_;
  if (!after.commit(change)) {
    open_journals_ = journals_before;
    const auto refused = spool_->commit(change);
    if (refused || refused.error().kind != Kind::full) throw std::runtime_error("the bounds should have refused this");
    return;
  }
  value_of(spool_->commit(change), "commit");
  model_ = std::move(after);
}

void SpoolStory::promote() {
  const storage::LeftoverJournal journal = leftovers_.front();
  leftovers_.erase(leftovers_.begin());
  storage::SealedBatch batch = next_batch(journal.start.route.text);
  batch.id = journal.start.batch;
  batch.kind = storage::BatchKind::journal;
  batch.object.clear();
  for (const storage::JournalFrame& frame : journal.frames) append(batch.object, frame.bytes);
  batch.digest = digest_of(batch.object);
  const storage::SpoolChange change{.journals = {}, .frames = {}, .batches = {batch}, .drops = {}};
  SpoolModel after = model_;
  if (!after.commit(change)) throw std::runtime_error("a promotion is no larger than its journal");
  value_of(spool_->commit(change), "promote");
  model_ = std::move(after);
}

void SpoolStory::deliver_something() {
  const auto view = value_of(storage::SpoolView::open(options_.path, options_.vfs), "view");
  const std::string sink = sinks()[below(2)];
  const auto pending = value_of(view->pending_for({sink}, 3), "pending");
  if (pending.empty()) return;
  const storage::QueuedBatch& batch = pending[below(static_cast<unsigned>(pending.size()))];
  const Place place(batch.route.text, batch.sequence.number);
  SpoolModel after = model_;
  const unsigned drawn = below(10);
  if (drawn < 6) {
    after.confirm(place, sink);
    value_of(spool_->confirm({sink}, batch.row), "confirm");
  } else if (drawn < 9) {
    after.record_attempt(place, sink);
    value_of(spool_->record_attempt({sink}, batch.row, "unreachable"), "record an attempt");
  } else {
    after.quarantine(place, sink);
    value_of(spool_->quarantine({sink}, batch.row, "413"), "quarantine");
  }
  model_ = std::move(after);
}

void SpoolStory::subscribe() {
  std::vector<std::string> filters;
  for (const std::string& route : routes()) {
    if (below(2) == 0) filters.push_back("plant/" + route);
  }
  SpoolModel after = model_;
  after.set_subscriptions(filters);
  value_of(spool_->set_subscriptions("source", filters), "subscribe");
  model_ = std::move(after);
}

}  // namespace edgeseal::test
