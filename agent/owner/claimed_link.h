// SPDX-License-Identifier: GPL-3.0-or-later
// What an object's first bytes claim its place to be. Not authenticated: good for sorting, for nothing else.
#pragma once
#include <optional>

#include "agent/batch/chain.h"
#include "agent/owner/cbor_reader.h"
#include "crypto/base/bytes.h"
#include "crypto/open/esdk_header.h"

namespace edgeseal::agent {

/// Threads: one at a time. Bounds: those of a header.
class ClaimedLink {
 public:
  /// Takes the next bytes of a message or journal object; false once no more are of use.
  [[nodiscard]] bool feed(ByteView piece);
  /// Nothing when the object claims no place in a chain, or too little of it was fed.
  [[nodiscard]] const std::optional<ChainLink>& link() const { return link_; }

 private:
  [[nodiscard]] bool feed_journal(ByteView piece);
  [[nodiscard]] bool feed_message(ByteView piece);
  std::optional<bool> journal_;
  CborSequence sequence_;
  crypto::EsdkHeaderParser parser_;
  std::optional<ChainLink> link_;
};

}  // namespace edgeseal::agent
