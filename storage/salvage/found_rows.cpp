// SPDX-License-Identifier: GPL-3.0-or-later
// One function a table of the spool: so many tables, so many lines.
#include "storage/salvage/found_rows.h"

#include <algorithm>

#include "storage/frame_digest.h"
#include "storage/salvage/row_fields.h"
#include "storage/salvage/row_shapes.h"

namespace edgeseal::storage {
namespace {

/// What of a drop never falls.
auto size_of(const DropRecord& drop) { return std::pair(drop.merged ? drop.merged->batches : 1, drop.records); }

class Finder {
 public:
  Finder(FoundRows& found, HashFunction sha256) : found_(found), sha256_(sha256) {}

  /// False when it makes no sense as a row of ours: it, or another, was lost.
  bool take(const RawRow& row) {
    if (failure) return true;
    if (has_shape(row, shape::kBatches)) return take_batch(row);
    if (has_shape(row, shape::kFrames)) return take_frame(row);
    if (!field::present(row, row.fields.size())) return false;
    if (has_shape(row, shape::kSchema)) return take_schema(row);
    if (has_shape(row, shape::kSpool)) return take_spool(row);
    if (has_shape(row, shape::kRoutes)) return take_route(row);
    if (has_shape(row, shape::kJournals)) return take_journal(row);
    if (has_shape(row, shape::kJournalSinks)) return take_journal_sink(row);
    if (has_shape(row, shape::kDeliveries)) return take_delivery(row);
    if (has_shape(row, shape::kDeliveriesOfSink)) return take_delivery_index(row);
    if (has_shape(row, shape::kDrops) || has_shape(row, shape::kDropsOfVersion1)) return take_drop(row);
    if (has_shape(row, shape::kSources)) return take_mark(row);
    if (has_shape(row, shape::kSubscriptions)) return take_subscription(row);
    return std::any_of(shape::kRest.begin(), shape::kRest.end(), [&](Shape rest) { return has_shape(row, rest); });
  }

  /// To be called once, when all rows have been taken: which frames are sound, and of which journal. One that its row's
  /// journal does not prove may be another's, for the number of the journal may be what is damaged.
  void settle_frames() {
    std::map<Digest, std::int64_t> rows;  // of the sound ones
    for (auto& [row, frame] : frames_) {
      if (auto journal = journal_of(frame)) {
        // No two frames are alike: with another row number it is a copy, and one of the numbers is damaged.
        if (rows.try_emplace(frame.digest, row).first->second != row) continue;
        frame.journal = *journal;
        frame.sound = true;
      }
      const bool live = frame.live;
      keep(found_.frames, {row, frame.digest}, std::move(frame), live);
    }
  }

  std::optional<Error> failure;

 private:
  std::optional<Digest> hash_of(const Field& bytes) {
    if (!bytes.present || bytes.bytes.empty()) return std::nullopt;
    auto found = sha256_(bytes.bytes);
    if (found) return *found;
    failure = std::move(found).error();
    return std::nullopt;
  }

  bool proves(const FoundJournal& journal, const FoundFrame& frame) {
    auto proved = storage::proves(frame.digest, *frame.of_bytes, journal.start.shared_header, sha256_);
    if (!proved) failure = std::move(proved).error();
    return proved && *proved;
  }
  std::optional<std::int64_t> journal_of(const FoundFrame& frame) {
    if (!frame.of_bytes) return std::nullopt;
    if (*frame.of_bytes == frame.digest) return frame.journal;
    const auto named = found_.journals.find(frame.journal);
    if (named != found_.journals.end() && proves(named->second, frame)) return frame.journal;
    for (const auto& [number, journal] : found_.journals) {
      if (proves(journal, frame)) return number;
    }
    return std::nullopt;
  }

  template <typename Rows, typename Row>
  void keep(Rows& rows, const typename Rows::key_type& key, Row row, bool live) {
    if (row.sound) found_.ours = true;
    if (!row.sound && !live) return;
    const auto [place, fresh] = rows.try_emplace(key, row);
    if (!fresh && row.sound && !place->second.sound) place->second = std::move(row);
  }

  bool take_batch(const RawRow& row) {
    if (!field::present(row, shape::kBatches.columns.size() - 1)) return false;
    const auto& fields = row.fields;
    const auto route = field::name(fields[1]);
    const auto id = BatchId::from(fields[3].bytes);
    const auto digest = Digest::from(fields[5].bytes);
    if (!route || !id || !digest) return false;
    const QueuedBatch head{.row = row.number,
                           .route = {*route},
                           .sequence = field::sequence(fields[2]),
                           .id = *id,
                           .kind = as_text(fields[4].bytes) == "journal" ? BatchKind::journal : BatchKind::batch,
                           .digest = *digest,
                           .bytes = fields[10].bytes.size(),
                           .records = field::records(fields[7]),
                           .sealed = field::time(fields[8]),
                           .priority = field::priority(fields[9])};
    keep(found_.batches, {row.number, *id},
         FoundBatch{.place = row.place, .head = head, .sound = hash_of(fields[10]) == *digest}, row.live);
    return true;
  }

  bool take_frame(const RawRow& row) {
    if (!field::present(row, shape::kFrames.columns.size() - 1)) return false;
    const auto& fields = row.fields;
    const auto digest = Digest::from(fields[4].bytes);
    if (!digest) return false;
    frames_.emplace_back(row.number, FoundFrame{.place = row.place,
                                                .journal = fields[1].integer,
                                                .records = field::records(fields[2]),
                                                .sealed = field::time(fields[3]),
                                                .digest = *digest,
                                                .of_bytes = hash_of(fields[5]),
                                                .bytes = fields[5].bytes.size(),
                                                .live = row.live});
    return true;
  }

  bool take_schema(const RawRow& row) {
    if (as_text(row.fields[1].bytes) == "journal_sinks") found_.ours = true;
    return true;
  }

  bool take_spool(const RawRow& row) {
    const auto id = SpoolId::from(row.fields[1].bytes);
    if (!id || row.number != 1) return false;
    if (!found_.id) found_.id = *id;
    return true;
  }

  bool take_route(const RawRow& row) {
    const auto route = field::name(row.fields[0]);
    const auto digest = Digest::from(row.fields[2].bytes);
    const std::int64_t tip = row.fields[1].integer;
    if (!route || !digest || !field::is_tip(row.fields[1])) return false;
    const FoundRoute found{.tip = {{static_cast<std::uint64_t>(tip)}, *digest},
                           .newest = field::time(row.fields[3]),
                           .written = row.written};
    const auto [known, first] = found_.routes.try_emplace({*route}, found);
    // The copy from before the chain went on: its numbers must not be given twice.
    const bool later = found.written > known->second.written && found.tip.sequence > known->second.tip.sequence;
    if (!first && later) known->second = found;
    return true;
  }

  bool take_journal(const RawRow& row) {
    const auto& fields = row.fields;
    const auto route = field::name(fields[1]);
    const auto id = BatchId::from(fields[3].bytes);
    if (!route || !id) return false;
    found_.journals.try_emplace(
        row.number, FoundJournal{.start = {.route = {*route},
                                           .sequence = field::sequence(fields[2]),
                                           .batch = *id,
                                           .shared_header = Bytes(fields[4].bytes.begin(), fields[4].bytes.end()),
                                           .priority = field::priority(fields[5]),
                                           .sinks = {}},
                                 .records_refused = field::records(fields[6])});
    return true;
  }

  bool take_journal_sink(const RawRow& row) {
    const auto sink = field::name(row.fields[1]);
    if (!sink) return false;
    found_.journal_sinks[row.fields[0].integer].insert({*sink});
    return true;
  }

  bool take_delivery(const RawRow& row) {
    const auto& fields = row.fields;
    const auto sink = field::name(fields[1]);
    if (!sink) return false;
    FoundDelivery& delivery = found_.deliveries[fields[0].integer][{*sink}];
    if (!delivery.sink.text.empty()) return true;
    delivery.sink = {*sink};
    const auto state = as_text(fields[3].bytes);
    if (state == "quarantined" || state == "confirmed") delivery.state = state;
    delivery.attempts = field::records(fields[4]);
    delivery.last_error = as_text(fields[5].bytes);
    return true;
  }

  bool take_delivery_index(const RawRow& row) {
    const auto sink = field::name(row.fields[0]);
    // Its state comes from the table if that is found; this alone says only who gets the batch.
    if (!sink) return false;
    found_.deliveries[row.fields[3].integer].try_emplace({*sink});
    return true;
  }

  bool take_drop(const RawRow& row) {
    const auto& fields = row.fields;
    const auto route = field::name(fields[1]);
    // A text that makes no sense is a reason that nobody knows, and the rest of the row is still told.
    if (!route) return false;
    FoundDrop found{
        .drop = {.row = 0,
                 .route = {*route},
                 .sequence = field::sequence(fields[2]),
                 .records = field::records(fields[3]),
                 .reason = drop_reason_of(as_text(fields[4].bytes)),
                 .dropped = field::time(fields[5]),
                 .merged = has_shape(row, shape::kDrops)
                               ? field::merged(field::sequence(fields[2]), fields[7], fields[8])
                               : std::nullopt},
        .reported_in = fields[6].type == Field::Type::null ? std::nullopt : std::optional(fields[6].integer)};
    const auto [known, first] = found_.drops.try_emplace(row.number, found);
    // A copy from before it grew: neither records nor batches ever fall.
    if (!first && size_of(known->second.drop) < size_of(found.drop)) known->second = std::move(found);
    return true;
  }

  bool take_mark(const RawRow& row) {
    const auto source = field::name(row.fields[0]);
    const std::int64_t session = row.fields[1].integer;
    const Field& dropped = row.fields[2];
    if (!source || (session != 0 && session != 1) || dropped.integer < 0) return false;
    SourceMark mark{.source = *source, .session = session == 1};
    if (dropped.type == Field::Type::integer) mark.broker_dropped = static_cast<std::uint64_t>(dropped.integer);
    found_.marks.try_emplace(*source, std::move(mark));
    return true;
  }

  bool take_subscription(const RawRow& row) {
    const auto source = field::name(row.fields[0]);
    const auto filter = field::name(row.fields[1]);
    if (!source || !filter) return false;
    found_.subscriptions[*source].insert(*filter);
    return true;
  }

  FoundRows& found_;
  HashFunction sha256_;
  std::vector<std::pair<std::int64_t, FoundFrame>> frames_;  ///< each copy of each, in the order of their finding
};

}  // namespace

Result<FoundRows> find_rows(const RawPages& pages, HashFunction sha256) {
  FoundRows found;
  Finder finder(found, sha256);
  PageScan scan(pages);
  for (const Overlay overlay : kOverlays) {
    if (!pages.differs(overlay)) continue;
    std::set<std::uint32_t> damaged;
    scan.each_row(overlay, [&](const RawRow& row) {
      if (!finder.take(row) && row.live) damaged.insert(row.place.page);
    });
    if (overlay != Overlay::sound) continue;
    damaged.merge(scan.unaccounted(overlay));
    found.pages_damaged = damaged.size() + pages.unproved();
  }
  finder.settle_frames();
  if (finder.failure) return tl::unexpected<Error>(std::move(*finder.failure));
  // An index alone named these sinks.
  for (auto& [row, deliveries] : found.deliveries) {
    for (auto& [sink, delivery] : deliveries) delivery.sink = sink;
  }
  return found;
}

Result<std::optional<Bytes>> read_found(PageScan& scan, const RowPlace& place, const Digest& of_bytes,
                                        HashFunction sha256) {
  const auto row = scan.row_at(place);
  if (!row || row->fields.empty() || !row->fields.back().present) return std::nullopt;
  const ByteView bytes = row->fields.back().bytes;
  auto found = sha256(bytes);
  if (!found) return failed(found);
  if (*found != of_bytes) return std::nullopt;
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace edgeseal::storage
