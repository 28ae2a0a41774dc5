// SPDX-License-Identifier: GPL-3.0-or-later
// Reads CBOR (RFC 8949) as agent/batch/cbor_writer.h writes it, and CBOR Sequences (RFC 8742) as they arrive. The
// owner's one door to libcbor.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// Cuts a sequence into its items. Threads: one at a time. Bounds: holds one item, and of it only what has arrived;
/// refused are items over kItemBytesMax or nested deeper than kDepthMax, and all that the writer never writes: floats,
/// tags, null, indefinite lengths. Secrets: wiped with this object.
class CborSequence {
 public:
  static constexpr std::size_t kItemBytesMax = (std::size_t{256} + 1) << 20;  ///< MQTT packets end at 256 MiB
  static constexpr std::size_t kDepthMax = 8;

  void feed(ByteView piece);
  /// The next item that has arrived whole; its bytes live until the next call of feed. Nothing when more must arrive.
  /// Fails with ContentRefusal::content; then this is not used again.
  [[nodiscard]] Result<std::optional<ByteView>> next();
  /// Whether nothing is left over: the sequence may end here.
  [[nodiscard]] bool at_end() const { return item_at_ == buffer_.size(); }

 private:
  PlainBytes buffer_;
  std::size_t expected_ = 0;         ///< how long the buffer will be when the string that is arriving is whole
  std::size_t item_at_ = 0;          ///< where the item begins
  std::size_t scan_at_ = 0;          ///< up to where it is known
  std::vector<std::uint64_t> open_;  ///< items still to come in each array or map that is open
};

/// Reads one whole item, piece by piece. Each read gives nothing when something else stands there. Borrows `item`.
class CborReader {
 public:
  explicit CborReader(ByteView item) : item_(item) {}
  [[nodiscard]] std::optional<std::uint64_t> uint();
  [[nodiscard]] std::optional<std::int64_t> integer();
  [[nodiscard]] std::optional<bool> boolean();
  [[nodiscard]] std::optional<std::string> text(std::size_t bytes_max = SIZE_MAX);  ///< nothing when longer
  [[nodiscard]] std::optional<ByteView> bytes();
  [[nodiscard]] std::optional<std::uint64_t> array();  ///< how many items follow
  [[nodiscard]] std::optional<std::uint64_t> map();    ///< how many keys and values follow
  [[nodiscard]] bool at_end() const { return at_ == item_.size(); }

 private:
  ByteView item_;
  std::size_t at_ = 0;
};

}  // namespace edgeseal::agent
