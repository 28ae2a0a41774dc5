// SPDX-License-Identifier: GPL-3.0-or-later
// What sources tell the committer, as values that can wait in a queue.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crypto/base/time.h"
#include "transport/ingest/source.h"
#include "transport/mqtt/message.h"

namespace edgeseal::agent {

/// How many QoS 0 messages were dropped, by route (an index of Router) and reason.
using Qos0Drops = std::map<std::pair<std::size_t, transport::Qos0Loss>, std::uint64_t>;

/// One thing that a source has told: see SourceListener's functions of the same names.
struct SourceEvent {
  struct Arrival {
    transport::ArrivalNumber number;
    transport::ArrivalNumber acknowledged;  ///< the newest acknowledgement written when it came
    transport::Message message;
  };
  struct TooLarge {
    transport::ArrivalNumber number;
    std::string topic;
  };
  struct Connected {
    bool session_present;
  };
  struct BrokerDropped {
    std::uint64_t total;
  };
  struct Subscriptions {
    std::vector<std::string> all;
  };
  struct Qos0Dropped {
    Qos0Drops counts;
  };

  std::size_t source;  ///< which one, counted as SealingLoop was given them
  MonotonicTime came;
  std::variant<Arrival, TooLarge, Connected, BrokerDropped, Subscriptions, Qos0Dropped> what;
};

}  // namespace edgeseal::agent
