// SPDX-License-Identifier: GPL-3.0-or-later
// What makes batches a chain: the facts that stand in each one's encryption context.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"

namespace edgeseal::agent {

/// A batch's or journal's place, as anyone may read it and nobody change it.
struct ChainLink {
  std::string gateway;
  RouteName route;
  SpoolId spool;
  Sequence sequence;
  Digest previous;  ///< SHA-256 of the object before it; zeros in the first
  BatchId batch;
  bool journal = false;
  bool zstd = false;
  bool operator==(const ChainLink&) const = default;
};

/// The pairs of the encryption context that say so (batch_layout.h names them).
[[nodiscard]] std::map<std::string, std::string> context_pairs(const ChainLink& link);

/// The other way. Fails with Kind::invalid, naming the pair that is missing or malformed.
[[nodiscard]] Result<ChainLink> parse_context(const std::map<std::string, std::string>& pairs);

}  // namespace edgeseal::agent
