// SPDX-License-Identifier: GPL-3.0-or-later
// What happened in a run, as far as it can be checked afterwards.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/batch/batch_header.h"
#include "agent/batch/chain.h"
#include "agent/batch/record.h"
#include "crypto/base/ids.h"
#include "tests/simulation/spool_state.h"

namespace edgeseal::test {

/// One sending of a message by a broker; a redelivery is another.
struct Sent {
  std::uint64_t message = 0;  ///< of the sensors'; the same in a redelivery
  std::string route;          ///< that wants it; empty: none
  agent::Record record;       ///< as it must be stored
  bool too_large = false;     ///< skipped by the gateway, which must record that
  bool acknowledged = false;  ///< released by the committer: durable, so it was said
};

/// An object that has been durable, opened with the private key.
struct OpenedObject {
  agent::ChainLink link;
  Digest digest;
  std::vector<agent::Record> records;
  std::vector<agent::ReportedDrop> drops;
};

struct History {
  std::vector<Sent> sent;
  std::map<Place, std::vector<OpenedObject>> objects;                  ///< one a place, unless a chain has forked
  std::map<std::string, std::set<std::pair<Place, Digest>>> arrived;   ///< at each sink
  std::map<std::string, std::set<Place>> refused;                      ///< by each sink, so quarantined
  std::set<std::pair<Place, Digest>> held;                             ///< by the spool in the end
  std::map<std::string, std::vector<agent::ReportedDrop>> unreported;  ///< by route, in the end
  std::map<std::string, ChainTip> tips;                                ///< by route, in the end
  std::map<std::string, std::vector<std::string>> sinks;               ///< of each route
  bool settled = false;                                                ///< nothing waits any more
};

/// What is wrong; empty when every promise was kept:
/// - each acknowledged message is in an object that the owner can reach, or was in one that a recorded drop names,
///   or is counted by a drop that names none;
/// - each acknowledged message that was too large to take is counted by a drop that says so;
/// - each record is one sending of a broker, unaltered, in its route, and no sending is stored twice;
/// - each chain is whole from 1 to its tip, but for places that a drop names, and each object names the one before it;
/// - each sink has, or has refused, every object of its routes that was not dropped;
/// - all has settled.
[[nodiscard]] std::vector<std::string> complaints_about(const History& history);

}  // namespace edgeseal::test
