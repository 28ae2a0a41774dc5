// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/batcher.h"

#include "agent/batch/content_writer.h"

namespace edgeseal::agent {

void Batcher::add(const Record& record, MonotonicTime now) {
  if (empty()) {
    opened_ = now;
    content_.reserve(bytes_before_ + bytes_before_ / 8);
  }
  write_record(record, content_);
  ++records_;
}

void Batcher::mark_committed() {
  committed_bytes_ = content_.size();
  committed_records_ = records_;
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
}

}  // namespace edgeseal::agent
