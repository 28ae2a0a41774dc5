// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/sealer.h"

#include "agent/batch/compression.h"
#include "agent/batch/content_writer.h"
#include "crypto/envelope/esdk_parts.h"

namespace edgeseal::agent {
namespace {

/// A frame is gone when its batch closes, which is then compressed as the route says. Level 3 took a tenth more
/// processor time at 5,000 messages/s and wrote no fewer bytes to the disk.
constexpr int kFrameZstdLevel = 1;

/// Header and records as one content, compressed when the route says so.
Result<PlainBytes> content_of(const BatchHeader& header, ByteView records, std::optional<int> zstd_level) {
  PlainBytes content;
  content.reserve(records.size() + 512);
  write_header(header, content);
  append(content, records);
  if (!zstd_level) return content;
  return compress(content, *zstd_level);
}

}  // namespace

Result<BatchId> Sealer::new_batch_id() { return BatchId::random(drbg_); }

Result<crypto::Fingerprinter> Sealer::new_fingerprinter() { return crypto::Fingerprinter::create(drbg_); }

ChainLink Sealer::link(const OpenBatchFacts& facts, bool journal) const {
  return {
      .gateway = identity_.gateway,
      .route = facts.route,
      .spool = identity_.spool,
      .sequence = facts.sequence,
      .previous = facts.previous,
      .batch = facts.batch,
      .journal = journal,
      .zstd = facts.zstd_level.has_value(),
  };
}

BatchHeader Sealer::header(const OpenBatchFacts& facts, Now now) const {
  return {
      .gateway = identity_.gateway,
      .route = facts.route,
      .batch = facts.batch,
      .sequence = facts.sequence,
      .boot = identity_.boot,
      .clock_synced = now.synced,
      .sealed = now.wall,
      .sealed_monotonic = now.monotonic,
      .frame = std::nullopt,
      .drops = {},
  };
}

Result<crypto::EncryptionMaterials> Sealer::materials(const OpenBatchFacts& facts, const crypto::KeySet& keys,
                                                      bool journal) {
  auto context = crypto::EncryptionContext::create(context_pairs(link(facts, journal)));
  if (!context) return failed(context, "route " + facts.route.text);
  return crypto::EncryptionMaterials::create(keys, std::move(*context), drbg_);
}

Result<Bytes> Sealer::seal_batch(const OpenBatchFacts& facts, const crypto::KeySet& keys, ByteView records,
                                 const std::vector<ReportedDrop>& drops, Now now) {
  BatchHeader head = header(facts, now);
  head.drops = drops;
  auto content = content_of(head, records, facts.zstd_level);
  if (!content) return failed(content, "seal batch");
  auto sealed_with = materials(facts, keys, false);
  if (!sealed_with) return failed(sealed_with, "seal batch");
  Bytes object;
  if (auto sealed = crypto::EsdkWriter(*sealed_with, drbg_).seal(*content, object); !sealed) {
    return failed(sealed, "seal batch");
  }
  return object;
}

Result<std::unique_ptr<OpenJournal>> Sealer::open_journal(const OpenBatchFacts& facts, const crypto::KeySet& keys) {
  auto sealed_with = materials(facts, keys, true);
  if (!sealed_with) return failed(sealed_with, "open journal");
  return std::unique_ptr<OpenJournal>(new OpenJournal(std::move(*sealed_with), drbg_));
}

Result<Bytes> Sealer::seal_frame(OpenJournal& journal, const OpenBatchFacts& facts, ByteView records, Now now) {
  BatchHeader head = header(facts, now);
  head.frame = journal.frames_;
  auto content = content_of(head, records, facts.zstd_level ? std::optional(kFrameZstdLevel) : std::nullopt);
  if (!content) return failed(content, "seal frame");
  Bytes message;
  if (auto sealed = journal.writer_.seal(*content, message); !sealed) return failed(sealed, "seal frame");
  ++journal.frames_;
  return crypto::own_part_of(message, journal.shared_header().size());
}

}  // namespace edgeseal::agent
