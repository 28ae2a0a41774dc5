// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/batcher.h"

#include <utility>

#include "agent/batch/content_writer.h"
#include "crypto/base/ensure.h"

namespace edgeseal::agent {

void Batcher::add(const Record& record, MonotonicTime now) {
  if (empty()) {
    opened_ = now;
    content_.reserve(bytes_before_ + bytes_before_ / 8);
  }
  write_record(record, content_);
  ends_.push_back(content_.size());
  ++records_;
}

void Batcher::mark_committed() {
  committed_bytes_ = content_.size();
  committed_records_ = records_;
  ends_.clear();
}

ByteView Batcher::first(std::uint64_t records) const {
  ENSURE(records >= committed_records_ && records <= records_);
  const std::size_t bytes = records == committed_records_ ? committed_bytes_ : ends_[records - committed_records_ - 1];
  return ByteView(content_).first(bytes);
}

void Batcher::take_off(std::uint64_t records) {
  const std::size_t bytes = first(records).size();
  if (records == records_) return clear();
  PlainBytes rest(content_.begin() + static_cast<std::ptrdiff_t>(bytes), content_.end());
  content_ = std::move(rest);
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(records - committed_records_));
  for (std::size_t& end : ends_) end -= bytes;
  records_ -= records;
  committed_bytes_ = 0;
  committed_records_ = 0;
}

bool Batcher::full() const { return content_.size() >= limits_.bytes_max || records_ >= limits_.records_max; }

std::optional<MonotonicTime> Batcher::age_deadline() const {
  if (empty()) return std::nullopt;
  return opened_ + limits_.age_max;
}

bool Batcher::due(MonotonicTime now) const { return full() || (!empty() && now >= *age_deadline()); }

void Batcher::clear() {
  bytes_before_ = content_.size();
  content_ = PlainBytes();
  records_ = 0;
  committed_bytes_ = 0;
  committed_records_ = 0;
  ends_.clear();
}

}  // namespace edgeseal::agent
