// SPDX-License-Identifier: GPL-3.0-or-later
// What is lost before it reaches a batch, gathered until the next commit records it in the chain.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/time.h"
#include "storage/spool_types.h"

namespace edgeseal::agent {

// DropRecord::reason of each, as owners and metrics see it.
inline constexpr std::string_view kLostTooLarge = "too_large";        ///< longer than source.max_packet
inline constexpr std::string_view kLostQos0 = "qos0_full";            ///< QoS 0 past the bound of what may wait
inline constexpr std::string_view kLostByBroker = "broker_dropped";   ///< for any client of the broker
inline constexpr std::string_view kLostWithSession = "session_lost";  ///< how many is not known: 0
inline constexpr std::string_view kLostWithLog = "wal_lost";          ///< what the spool's log held: not known
inline constexpr std::string_view kLostForWantOfRoom = "spool_full";  ///< no spool of this size could hold it
inline constexpr std::string_view kLostWithDamagedBatch = "damaged";  ///< its bytes are no longer what was sealed

/// One entry a route and reason, however many losses there are. Pure. Threads: one at a time.
class Losses {
 public:
  /// `records` 0: how many is not known.
  void add(const RouteName& route, std::string_view reason, std::uint64_t records, WallTime now);

  /// Hands out everything, to be committed.
  [[nodiscard]] std::vector<storage::DropRecord> take();

 private:
  std::map<std::pair<RouteName, std::string>, storage::DropRecord> lost_;
};

}  // namespace edgeseal::agent
