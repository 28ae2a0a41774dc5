// SPDX-License-Identifier: GPL-3.0-or-later
// What goes into the spool and comes out of it. Everything here is ciphertext or safe to read.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/ids.h"
#include "crypto/base/time.h"
#include "storage/drop_reason.h"

namespace edgeseal::storage {

enum class BatchKind {
  batch,    ///< one AWS Encryption SDK message: `.esdk`
  journal,  ///< frames of an open batch that outlived their process: `.esdks`
};

/// Opens the journal of a route's open batch; what its frames share is stored here, once.
struct JournalStart {
  RouteName route;
  Sequence sequence;            ///< the place in the chain that the batch will take
  BatchId batch;                ///< the open batch's id
  Bytes shared_header;          ///< the frames' common header part (agent/core/journal.h)
  int priority = 5;             ///< 0 to 9, of the route; kept for a promotion after a restart
  std::vector<SinkName> sinks;  ///< who must confirm the batch
};

/// One more sealed frame of a route's open journal.
struct JournalFrame {
  RouteName route;
  BatchId batch;
  Bytes bytes;
  Digest digest;  ///< storage/frame_digest.h: what was damaged on the disk, or is in a foreign journal, is told
  std::uint64_t records = 0;
  WallTime sealed;
};

/// A journal that a process left behind, whole and in order.
struct LeftoverJournal {
  JournalStart start;
  std::vector<JournalFrame> frames;
};

/// A closed batch, on its way into the queue.
struct SealedBatch {
  RouteName route;
  Sequence sequence;
  BatchId id;
  BatchKind kind = BatchKind::batch;
  Digest digest;  ///< SHA-256 of `object`: the chain, the upload's checksum and salvage all use this one
  Bytes object;   ///< empty for a journal none of whose frames is sound: the chain passes over it, nothing is stored
  std::uint64_t records = 0;
  WallTime sealed;
  int priority = 5;  ///< 0 to 9; higher leaves first and is dropped last
  std::vector<SinkName> sinks;
  std::vector<std::int64_t> drops_reported;  ///< rows of Spool::hand_out_drops: of what this batch tells its owner
};

/// What a count of records may come to: an integer of the database.
inline constexpr std::uint64_t kCountMax = std::numeric_limits<std::int64_t>::max();

/// Several batches that one drop stands for: from its `sequence` to `last`, both among them.
struct MergedBatches {
  Sequence last;
  std::uint64_t batches = 0;  ///< how many of these: at least 2; all that there are, or fewer
  bool operator==(const MergedBatches&) const = default;
};

/// Something of a route that was lost, so that its owner learns of it with the route's next batch.
struct DropRecord {
  std::int64_t row = 0;  ///< assigned by the spool
  RouteName route{};
  Sequence sequence{};        ///< the batch that is gone; 0 when the records never made a batch
  std::uint64_t records = 0;  ///< 0: how many is not known
  DropReason reason = DropReason::other;
  WallTime dropped{};                     ///< of several losses the first
  std::optional<MergedBatches> merged{};  ///< nothing for one batch, or none
};

/// Drops of a route that no batch has reported yet, at most: rows beyond are merged (storage/drop_merge.h).
inline constexpr std::size_t kDropRowsMax = 128;
/// Drops that one batch reports at most, so that its header stays small; the rest goes with the batches after it.
inline constexpr std::size_t kDropsReportedMax = 64;

/// Stamps of batches: from `begin` to before `end`.
struct SealedSpan {
  WallTime begin;
  WallTime end;
};

/// What is remembered of a source's broker across restarts.
struct SourceMark {
  std::string source;
  bool session = false;  ///< the broker should hold our session
  /// Its `$SYS/broker/publish/messages/dropped`, as last recorded; none before it has told.
  std::optional<std::uint64_t> broker_dropped{};
};

/// All that one commit makes durable: one transaction, one fsync.
struct SpoolChange {
  std::vector<JournalStart> journals;  ///< applied first
  std::vector<JournalFrame> frames;    ///< then these
  std::vector<SealedBatch> batches;    ///< then these; each ends the journal of its route and batch id, if there is one
  std::vector<DropRecord> drops;       ///< without a sequence and counted: may be added to a drop of the last minute
  std::vector<SourceMark> marks{};     ///< each replaces what was known of its source
};

/// A batch in the queue, without its bytes.
struct QueuedBatch {
  std::int64_t row = 0;
  RouteName route;
  Sequence sequence;
  BatchId id;
  BatchKind kind = BatchKind::batch;
  Digest digest;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  WallTime sealed;
  int priority = 5;
  std::uint64_t attempts = 0;  ///< of the sink that asked
};

struct RouteStats {
  RouteName route;
  std::uint64_t batches = 0;
  std::uint64_t bytes = 0;
};

struct SinkStats {
  SinkName sink;
  std::uint64_t pending = 0;
  std::uint64_t quarantined = 0;
};

struct SpoolStats {
  std::uint64_t bytes = 0;    ///< sealed bytes held: batches and journal frames
  std::uint64_t batches = 0;  ///< batches waiting, quarantined ones included
  std::uint64_t frames = 0;   ///< journal frames of open batches
  std::vector<RouteStats> routes;
  std::vector<SinkStats> sinks;
  WallTime oldest;  ///< when the oldest waiting batch was sealed; zero when there is none
  WallTime newest;  ///< the newest stamp of all batches ever, delivered ones included: the clock was that far once
};

}  // namespace edgeseal::storage
