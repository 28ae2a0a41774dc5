// SPDX-License-Identifier: GPL-3.0-or-later
// Turns what a route has gathered into sealed objects: whole batches, and the frames of the open batch's journal.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "agent/batch/batch_header.h"
#include "agent/batch/chain.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "crypto/envelope/encryption_materials.h"
#include "crypto/envelope/esdk_writer.h"
#include "crypto/keys/key_set.h"
#include "crypto/primitives/drbg.h"
#include "crypto/primitives/fingerprint.h"

namespace edgeseal::agent {

/// Who seals: the same for every batch of this process.
struct SealingIdentity {
  std::string gateway;
  SpoolId spool;
  BootId boot;
};

/// Where an open batch stands in its route's chain, and who may open it.
struct OpenBatchFacts {
  RouteName route;
  Sequence sequence;
  Digest previous;
  BatchId batch;
  std::optional<int> zstd_level;
};

/// The journal of one open batch: one data key and one RSA operation a pinned key for all its frames.
/// Threads: one at a time. Secrets: the data key lives as long as this.
class OpenJournal {
 public:
  /// The header part that all frames share (crypto/envelope/esdk_parts.h); stored once.
  [[nodiscard]] const Bytes& shared_header() const { return writer_.shared_header(); }
  [[nodiscard]] std::uint32_t frames() const { return frames_; }
  /// The newest frame is given up: the next takes its place.
  void unseal_frame() { --frames_; }

 private:
  friend class Sealer;
  OpenJournal(crypto::EncryptionMaterials materials, Random& random)
      : materials_(std::move(materials)), writer_(materials_, random) {}
  crypto::EncryptionMaterials materials_;
  crypto::EsdkWriter writer_;  ///< borrows materials_
  std::uint32_t frames_ = 0;
};

/// Ownership: borrows `drbg`, which outlives it. Threads: one at a time.
/// Errors: Kind::fault from a primitive: stop sealing, there is no fallback.
class Sealer {
 public:
  Sealer(SealingIdentity identity, crypto::Drbg& drbg) : identity_(std::move(identity)), drbg_(drbg) {}

  [[nodiscard]] Result<BatchId> new_batch_id();
  /// With a key of its own, which is used for nothing else.
  [[nodiscard]] Result<crypto::Fingerprinter> new_fingerprinter();

  /// One whole message: header and `records` (CBOR, as content_writer appends them), under a fresh data key.
  [[nodiscard]] Result<Bytes> seal_batch(const OpenBatchFacts& facts, const crypto::KeySet& keys, ByteView records,
                                         const std::vector<ReportedDrop>& drops, Now now);

  [[nodiscard]] Result<std::unique_ptr<OpenJournal>> open_journal(const OpenBatchFacts& facts,
                                                                  const crypto::KeySet& keys);
  /// The own part of the journal's next frame, holding `records`.
  [[nodiscard]] Result<Bytes> seal_frame(OpenJournal& journal, const OpenBatchFacts& facts, ByteView records, Now now);

 private:
  [[nodiscard]] ChainLink link(const OpenBatchFacts& facts, bool journal) const;
  [[nodiscard]] BatchHeader header(const OpenBatchFacts& facts, Now now) const;
  [[nodiscard]] Result<crypto::EncryptionMaterials> materials(const OpenBatchFacts& facts, const crypto::KeySet& keys,
                                                              bool journal);
  SealingIdentity identity_;
  crypto::Drbg& drbg_;
};

}  // namespace edgeseal::agent
