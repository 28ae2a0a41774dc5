// SPDX-License-Identifier: GPL-3.0-or-later
// The durable queue: SQLite in WAL mode with synchronous=FULL. The one writer of its file.
// Layout: storage/spool_schema.h and docs/spool-format.md.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "storage/spool_options.h"
#include "storage/spool_types.h"

namespace edgeseal::storage {

/// One chain of batches a route, the journal of each route's open batch, and per-sink delivery state.
///
/// Threads:  any; calls exclude one another. Forwarders read batches through a SpoolView of their own, so that a large
///           read never holds up a commit.
/// Duty:     when a call that changes something returns success, the change has been synced to disk.
/// Errors:   Kind::full (disk or bound reached), Kind::corrupt (the file is broken), Kind::transient (busy),
///           Kind::fault (I/O). After any error nothing of the call has happened; only drops that made room on a full
///           disk stay, and are recorded.
class Spool {
 public:
  /// Opens the file, or makes it (0600, a fresh random spool id). Fails with Kind::invalid when another process holds
  /// it, it was written by a newer edgeseal, or its folder does not exist; nothing is changed then. Fails with
  /// Kind::corrupt when the file or its log is broken: storage/salvage/salvage.h is for that. Finishes a salvage that
  /// was cut short. A file of up to 64 MiB is looked through whole. No SpoolView of this process may be open on it.
  /// `random` is used during this call alone. With `options.vfs` the path is that VFS's: no lock is taken, no free
  /// space asked for.
  [[nodiscard]] static Result<std::unique_ptr<Spool>> open(const SpoolOptions& options, Random& random);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  [[nodiscard]] const SpoolId& id() const;

  /// The file was in use when its last process ended, but its write-ahead log was gone at open(): commits may have gone
  /// with it. Each route then has a drop "wal_lost" (sequence 0, records 0: unknown). Not looked for with a VFS.
  [[nodiscard]] bool wal_was_lost() const;

  /// The newest batch of the route's chain, delivered ones included.
  [[nodiscard]] Result<ChainTip> tip(const RouteName& route) const;

  /// Makes all of `change` durable in one transaction. A batch must continue its route's chain (sequence tip+1):
  /// anything else is a bug and aborts. Applies the bounds first: makes room as `when_full` says; with `block`, or when
  /// there is nothing to drop, fails with Kind::full. With drop_oldest batches go in the order of priority and age
  /// until the rest fits, and what is being committed is one of them, the newest of its priority: it never pushes out
  /// what is more important. Where it would be dropped with others before it, it alone is: these would have gone in
  /// vain. A batch that is dropped so, or that does not fit with drop_newest, becomes a DropRecord; the chain still
  /// advances over it. A frame that is dropped so is left out, and so are those after it: the batch that ends its
  /// journal holds its records still, and only if that is a promotion do they become a DropRecord. A promotion always
  /// fits the bounds. A batch without sinks becomes a DropRecord ("no_sink"). One without bytes ends its journal and
  /// advances the chain; what it lost is in `drops`. Returns the batches that became DropRecords.
  [[nodiscard]] Result<std::vector<DropRecord>> commit(const SpoolChange& change);

  /// Whether a batch of so many bytes would find room if the spool held nothing else: by bytes_max, and by the size of
  /// its file system. What others have on that may go again, so it does not count.
  [[nodiscard]] bool could_hold(std::uint64_t bytes) const;

  /// The newest stamp of all batches ever, delivered ones included; zero before the first.
  [[nodiscard]] Result<WallTime> newest() const;

  /// Journals that an earlier process left open, oldest first. Promote each by a commit of a batch with its id.
  [[nodiscard]] Result<std::vector<LeftoverJournal>> leftover_journals() const;

  /// Drops of the route that no batch has reported yet, oldest first, kDropRowsMax at most: to look at. One that
  /// was reported in a batch which was then dropped itself is unreported again.
  [[nodiscard]] Result<std::vector<DropRecord>> unreported_drops(const RouteName& route) const;

  /// The oldest kDropsReportedMax of these, for a batch that is about to be sealed: until the next call for the route
  /// they stay as they are, whatever is lost meanwhile and however late that batch is committed. What it takes off is
  /// then what it told.
  [[nodiscard]] Result<std::vector<DropRecord>> hand_out_drops(const RouteName& route);

  /// The sink holds every byte of the batch. The batch goes when its last sink has confirmed. Idempotent.
  [[nodiscard]] Result<void> confirm(const SinkName& sink, std::int64_t batch_row);
  /// One more failed try; `why` is kept for status.
  [[nodiscard]] Result<void> record_attempt(const SinkName& sink, std::int64_t batch_row, const std::string& why);
  /// Takes the batch out of this sink's way until someone requeues it.
  [[nodiscard]] Result<void> quarantine(const SinkName& sink, std::int64_t batch_row, const std::string& why);

  /// Drops ("expired", at `now`) the route's batches that were sealed within `span`, oldest first and at most
  /// kExpiredMax a call; call again while it returns that many. Each batch is judged by its own stamp, so a clock that
  /// jumped neither hides a batch nor takes its neighbours along: one sealed before `span.begin`, when the clock could
  /// not yet be right, stays; one stamped in the future waits for its time. Returns how many went. With none to drop it
  /// reads one page of an index.
  [[nodiscard]] Result<std::uint64_t> expire(const RouteName& route, const SealedSpan& span, WallTime now);
  static constexpr std::uint64_t kExpiredMax = 256;

  /// The stored bytes of the batch are no longer those of its digest: it goes, as a drop ("damaged"). Nothing happens
  /// when it is gone already.
  [[nodiscard]] Result<void> drop_damaged(std::int64_t batch_row);

  /// What SpoolChange::marks last said of `source`; nothing but its name when it never did.
  [[nodiscard]] Result<SourceMark> source_mark(const std::string& source) const;

  /// The filters that the broker's kept session of `source` holds, as last recorded.
  [[nodiscard]] Result<std::vector<std::string>> subscriptions(const std::string& source) const;
  [[nodiscard]] Result<void> set_subscriptions(const std::string& source, const std::vector<std::string>& filters);

  /// Deliveries to sinks that are not in `configured` are forgotten, in journals left over as well. A batch left with
  /// none goes; if no sink has ever confirmed it, as a drop ("no_sink"). Returns how many deliveries that were.
  [[nodiscard]] Result<std::uint64_t> keep_sinks(const std::vector<SinkName>& configured);

 private:
  struct Parts;
  explicit Spool(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgeseal::storage
