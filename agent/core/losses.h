// SPDX-License-Identifier: GPL-3.0-or-later
// What is lost before it reaches a batch, gathered until the next commit records it in the chain.
#pragma once
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/time.h"
#include "storage/spool_types.h"

namespace edgeseal::agent {

/// One entry a route and reason, however many losses there are. Pure. Threads: one at a time.
class Losses {
 public:
  /// `records` 0: how many is not known.
  void add(const RouteName& route, storage::DropReason reason, std::uint64_t records, WallTime now);

  /// Hands out everything, to be committed.
  [[nodiscard]] std::vector<storage::DropRecord> take();

 private:
  std::map<std::pair<RouteName, storage::DropReason>, storage::DropRecord> lost_;
};

}  // namespace edgeseal::agent
