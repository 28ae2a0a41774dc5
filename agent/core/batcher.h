// SPDX-License-Identifier: GPL-3.0-or-later
// A route's open batch: what has been gathered, what of it is durable, and when it is time to close.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/batch/record.h"
#include "config/options.h"
#include "crypto/base/time.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// Pure: holds records as CBOR, decides by bytes, count and age. Threads: one at a time.
/// Secrets: the records are plaintext in PlainBytes until `clear`.
class Batcher {
 public:
  explicit Batcher(const config::BatchOptions& limits) : limits_(limits) {}

  void add(const Record& record, MonotonicTime now);

  [[nodiscard]] bool empty() const { return records_ == 0; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] ByteView content() const { return content_; }

  /// What no commit covers yet.
  [[nodiscard]] ByteView uncommitted() const { return ByteView(content_).subspan(committed_bytes_); }
  [[nodiscard]] std::uint64_t uncommitted_records() const { return records_ - committed_records_; }
  [[nodiscard]] std::uint64_t committed_records() const { return committed_records_; }
  /// Everything gathered so far is durable.
  void mark_committed();

  /// The oldest `records`: all that a commit covers at least.
  [[nodiscard]] ByteView first(std::uint64_t records) const;
  /// These are settled, and no longer of this batch. As `clear` when there are no more.
  void take_off(std::uint64_t records);

  /// Bytes or records have reached their bound: close before adding more.
  [[nodiscard]] bool full() const;
  /// When the oldest record reaches age_max; nothing while empty.
  [[nodiscard]] std::optional<MonotonicTime> age_deadline() const;
  /// Whether it is time to close at `now`.
  [[nodiscard]] bool due(MonotonicTime now) const;

  /// The batch is durable as a whole: begin the next one.
  void clear();

 private:
  config::BatchOptions limits_;
  PlainBytes content_;
  std::size_t bytes_before_ = 0;  ///< of the last batch: the next one is likely to become as large
  std::uint64_t records_ = 0;
  std::size_t committed_bytes_ = 0;
  std::uint64_t committed_records_ = 0;
  std::vector<std::size_t> ends_;  ///< in content_, of the records that no commit covers
  MonotonicTime opened_;
};

}  // namespace edgeseal::agent
