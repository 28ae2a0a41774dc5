// SPDX-License-Identifier: GPL-3.0-or-later
// What a raw scan finds of a spool: each row told by its shape, batches and frames proved by their digests, the rest
// held to what is plausible. An index of the large rows and the whole of the small ones.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "storage/salvage/page_scan.h"
#include "storage/spool_types.h"

namespace edgeseal::storage {

/// A delivery of a batch, with its state.
struct FoundDelivery {
  SinkName sink;
  std::string state = "pending";
  std::uint64_t attempts = 0;
  std::string last_error;
};

struct FoundBatch {
  RowPlace place;
  QueuedBatch head;    ///< row: as it was numbered
  bool sound = false;  ///< its object matches its digest
};

struct FoundFrame {
  RowPlace place;
  std::int64_t journal = 0;  ///< of a sound one, that which its digest names, whatever its row does
  std::uint64_t records = 0;
  WallTime sealed;
  Digest digest;
  std::optional<Digest> of_bytes;  ///< SHA-256 of its bytes; nothing if they could not all be read
  std::uint64_t bytes = 0;
  bool sound = false;
  bool live = false;  ///< where it stands is in use; otherwise it may be of a batch that was closed long ago
};

struct FoundJournal {
  JournalStart start;  ///< without sinks
  std::uint64_t records_refused = 0;
};

struct FoundDrop {
  DropRecord drop;
  std::optional<std::int64_t> reported_in;
};

struct FoundRoute {
  ChainTip tip;
  WallTime newest;
  std::uint64_t written = 0;  ///< how late its page was: RawPages::written
};

/// Rows by their numbers, hence in their order. Of two with one number those that hold different things both stay.
struct FoundRows {
  std::uint64_t pages_damaged = 0;  ///< of the file or its log; what they held that was not found cannot be named
  bool ours = false;                ///< something was found that no other program's file holds
  std::optional<SpoolId> id;
  std::map<RouteName, FoundRoute> routes;
  std::map<std::pair<std::int64_t, BatchId>, FoundBatch> batches;
  std::map<std::pair<std::int64_t, Digest>, FoundFrame> frames;
  std::map<std::int64_t, FoundJournal> journals;
  std::map<std::int64_t, std::set<SinkName>> journal_sinks;
  std::map<std::int64_t, std::map<SinkName, FoundDelivery>> deliveries;
  std::map<std::int64_t, FoundDrop> drops;
  std::map<std::string, SourceMark> marks;
  std::map<std::string, std::set<std::string>> subscriptions;
};

/// Reads all rows of the file, in each overlay in turn; what was found first stays, unless the
/// second is sound and it is not. A frame is sound when its digest proves it for a journal that was found
/// (storage/frame_digest.h), and is that journal's then. A damaged row counts only where it is in use: a stale one may
/// be of a batch that has been delivered. Fails as `sha256` does.
[[nodiscard]] Result<FoundRows> find_rows(const RawPages& pages, HashFunction sha256);

/// The bytes of a batch or frame that was found sound, whose SHA-256 is `of_bytes`; nothing if the disk gives others
/// now.
[[nodiscard]] Result<std::optional<Bytes>> read_found(PageScan& scan, const RowPlace& place, const Digest& of_bytes,
                                                      HashFunction sha256);

}  // namespace edgeseal::storage
