// SPDX-License-Identifier: GPL-3.0-or-later
// What a spool holds, as far as its callers can tell: read from one, or worked out by a test.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "storage/spool.h"
#include "storage/spool_view.h"

namespace edgeseal::test {

/// A batch by its place: route and sequence number.
using Place = std::pair<std::string, std::uint64_t>;

struct SpoolState {
  struct Batch {
    storage::BatchKind kind = storage::BatchKind::batch;
    Digest digest;
    Bytes object;
    std::map<std::string, std::uint64_t> waiting;  ///< failed tries of each sink that is neither confirmed nor refusing
    bool operator==(const Batch&) const = default;
  };
  using Drop = std::tuple<std::string, std::uint64_t, std::uint64_t, std::string>;  ///< route, sequence, records, why

  std::map<std::string, ChainTip> tips;
  std::map<Place, Batch> batches;              ///< those that a sink waits for
  std::map<Place, std::vector<Bytes>> frames;  ///< of open journals
  std::vector<Drop> drops;                     ///< unreported, summed up
  std::vector<std::string> subscriptions;
  std::uint64_t batches_held = 0;  ///< quarantined ones included
  std::uint64_t bytes_held = 0;
  bool operator==(const SpoolState&) const = default;
};

/// Sorts them, and adds up those that are counted and have no sequence: how many rows the spool makes of these is its
/// own affair.
void sum_up(std::vector<SpoolState::Drop>& drops);

/// Of a spool that has just been opened: only then does it tell of its journals.
[[nodiscard]] Result<SpoolState> read_state(const storage::Spool& spool, const storage::SpoolView& view,
                                            const std::vector<std::string>& routes,
                                            const std::vector<std::string>& sinks);

/// Where the two differ, in words; empty when they do not.
[[nodiscard]] std::string difference(const SpoolState& expected, const SpoolState& found);

}  // namespace edgeseal::test
