// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a spool file of what find_rows found, as plan_salvage arranges it.
#pragma once
#include <filesystem>
#include <map>
#include <vector>

#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "storage/salvage/found_rows.h"
#include "storage/salvage/salvage.h"
#include "storage/salvage/salvage_plan.h"
#include "storage/spool_tables.h"

namespace edgeseal::storage {

/// One use. Borrows what it is given; rearranges `found`.
class SalvageWriter {
 public:
  SalvageWriter(const RawPages& pages, FoundRows& found, WallTime now, HashFunction sha256,
                const std::vector<RouteName>& routes)
      : scan_(pages), found_(found), plan_(plan_salvage(found)), now_(now), sha256_(sha256), routes_(routes) {}

  /// Makes the file (0600) and closes it: all is in it, and nothing in a log beside it. On error it may be there in
  /// part. The report's `damaged` is left to the caller.
  [[nodiscard]] Result<SalvageReport> write(const std::filesystem::path& path, Random& random);

 private:
  [[nodiscard]] Result<void> write_small(Connection& db, Random& random);
  [[nodiscard]] Result<void> write_drops(SpoolTables& tables);
  [[nodiscard]] Result<void> write_losses(SpoolTables& tables);
  /// These two return the bytes that they wrote.
  [[nodiscard]] Result<std::uint64_t> write_batch(Connection& db, const FoundBatch& batch);
  [[nodiscard]] Result<std::uint64_t> write_frame(SpoolTables& tables, const FoundFrame& frame);
  [[nodiscard]] Result<void> write_journals(Connection& db);
  [[nodiscard]] Result<void> bound_drops(Connection& db);
  [[nodiscard]] std::vector<SinkName> sinks_of(const FoundBatch& batch) const;
  [[nodiscard]] DropRecord lost(const RouteName& route, Sequence sequence, std::uint64_t records,
                                DropReason reason) const;

  PageScan scan_;
  FoundRows& found_;
  const SalvagePlan plan_;
  WallTime now_;
  HashFunction sha256_;
  const std::vector<RouteName>& routes_;  ///< to be told of the loss, found or not
  SalvageReport report_;
  std::map<std::int64_t, std::vector<std::int64_t>> reported_;  ///< batch as numbered before, to drops as numbered now
  std::map<std::int64_t, std::int64_t> journal_rows_;           ///< as numbered before, to as numbered now
};

}  // namespace edgeseal::storage
