// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a spool, beside a running daemon or without one. Writes nothing.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "storage/spool_types.h"

namespace edgeseal::storage {

/// A read-only connection. Each call sees the newest commit.
/// Threads: one at a time; each thread opens its own.
class SpoolView {
 public:
  /// `vfs` as in SpoolOptions. Fails with Kind::invalid when there is no spool, or it is of a newer edgeseal.
  [[nodiscard]] static Result<std::unique_ptr<SpoolView>> open(const std::filesystem::path& path,
                                                               const std::string& vfs = {});
  ~SpoolView();
  SpoolView(const SpoolView&) = delete;
  SpoolView& operator=(const SpoolView&) = delete;

  [[nodiscard]] const SpoolId& id() const;

  /// Up to `count_max` batches that `sink` has yet to confirm, neither quarantined nor in `except` (rows): highest
  /// priority first, oldest first within one.
  [[nodiscard]] Result<std::vector<QueuedBatch>> pending_for(const SinkName& sink, std::size_t count_max,
                                                             const std::vector<std::int64_t>& except = {}) const;
  /// The sealed bytes of a batch. Nothing if it has gone meanwhile.
  [[nodiscard]] Result<std::optional<Bytes>> object(std::int64_t batch_row) const;

  /// The same over a connection of its own, which shares no page with what was read before.
  [[nodiscard]] Result<std::optional<Bytes>> object_afresh(std::int64_t batch_row) const;

  [[nodiscard]] Result<SpoolStats> stats() const;

 private:
  struct Parts;
  explicit SpoolView(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgeseal::storage
