// SPDX-License-Identifier: GPL-3.0-or-later
// Reads what is inside a batch or a journal frame as it is decrypted; agent/batch/content_writer.h wrote it.
#pragma once
#include <cstdint>
#include <optional>

#include "agent/batch/batch_header.h"
#include "agent/batch/chain.h"
#include "agent/batch/record.h"
#include "agent/owner/cbor_reader.h"
#include "agent/owner/decompressor.h"
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::agent {

/// Takes what a batch holds, in order. Each `item` is the CBOR that the value was read from. An Error ends the reading
/// and is its result.
class ContentConsumer {
 public:
  virtual ~ContentConsumer() = default;
  [[nodiscard]] virtual Result<void> on_header(const BatchHeader& header, ByteView item) = 0;
  /// `index` counts the records of a batch or of a whole journal, from 0. `payload` stands for the record's own, which
  /// is empty, and lies within `item`.
  [[nodiscard]] virtual Result<void> on_record(const BatchHeader& header, std::uint64_t index, const Record& record,
                                               ByteView payload, ByteView item) = 0;
};

/// What an object may yet hold, in bytes once decompressed, so that a small object costs little whoever sealed it:
/// unless told otherwise 64 MiB, which is 64 times a batch's default, and beyond the object's first MiB 200 bytes for
/// each of its own. A record counts at least 64 bytes, and each of its user properties 32 besides, since they cost
/// their reader that. Threads: one at a time.
class ContentBudget {
 public:
  static constexpr std::uint64_t kBytesLeast = std::uint64_t{64} << 20;
  static constexpr std::uint64_t kObjectBytesFree = std::uint64_t{1} << 20;
  static constexpr std::uint64_t kBytesForEach = 200;
  static constexpr std::uint64_t kRecordBytesLeast = 64;
  static constexpr std::uint64_t kUserPropertyBytes = 32;

  /// `bytes_max`: all that there is, whatever the object's length; nothing: the rule above.
  explicit ContentBudget(std::optional<std::uint64_t> bytes_max = std::nullopt)
      : fixed_(bytes_max.has_value()), left_(bytes_max.value_or(kBytesLeast)) {}
  /// So many bytes of the object have come.
  void object_came(std::uint64_t bytes);
  /// Fails with ContentRefusal::too_large.
  [[nodiscard]] Result<void> spend(std::uint64_t bytes);

 private:
  bool fixed_;
  std::uint64_t left_;
  std::uint64_t free_ = kObjectBytesFree;  ///< of the object's own bytes, that bring nothing
};

/// Hands on nothing before the header inside has been found to say the same as the encryption context outside.
/// Ownership: borrows `link`, `consumer` and `budget`. Threads: one at a time. Bounds: one record, 8 MiB of zstd's
/// window.
class ContentReader {
 public:
  /// `record_index` is the number of the first record. `frame`, for the frames of a journal object, is the first
  /// place that the frame may have: those that the gateway's disk has damaged are left out, and told as a drop. Nothing
  /// for a batch, or for a frame that stands alone.
  ContentReader(const ChainLink& link, std::uint64_t record_index, std::optional<std::uint32_t> frame,
                ContentConsumer& consumer, ContentBudget& budget);

  /// Takes the next bytes of the plaintext. Fails with a ContentRefusal or as `consumer` does.
  [[nodiscard]] Result<void> feed(ByteView plaintext);
  [[nodiscard]] Result<void> finish();

  /// The number that the next record would have.
  [[nodiscard]] std::uint64_t record_index() const { return record_index_; }
  /// The place that the frame says it has; nothing for a batch, or before its header has come.
  [[nodiscard]] std::optional<std::uint32_t> frame() const { return header_ ? header_->frame : std::nullopt; }

 private:
  [[nodiscard]] Result<void> take_content(ByteView content);
  [[nodiscard]] Result<void> take_item(ByteView item);
  [[nodiscard]] Result<void> check_header(const BatchHeader& header) const;

  const ChainLink& link_;
  std::uint64_t record_index_;
  std::optional<std::uint32_t> frame_;
  ContentConsumer& consumer_;
  ContentBudget& budget_;
  std::optional<Decompressor> decompressor_;
  CborSequence sequence_;
  std::optional<BatchHeader> header_;
};

}  // namespace edgeseal::agent
