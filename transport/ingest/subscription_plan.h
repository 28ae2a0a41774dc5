// SPDX-License-Identifier: GPL-3.0-or-later
// Which SUBSCRIBE and UNSUBSCRIBE packets a connection needs. Pure: no socket.
// Source: MQTT 5.0 (OASIS) sections 3.2.2 (CONNACK), 3.8 (SUBSCRIBE), 3.10 (UNSUBSCRIBE), 3.11 (UNSUBACK).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "transport/mqtt/connack.h"
#include "transport/mqtt/mqtt_options.h"
#include "transport/mqtt/subscribe_packet.h"
#include "transport/mqtt/topic_filter.h"

namespace edgeseal::transport {

/// The subscriptions of one source over all its connections, planned in this one place:
///
/// filter                                       | on a connection
/// wanted, not held by the session as asked     | subscribed, with no more than CONNACK allows
/// wanted, and the broker would end the
///   connection for it                          | withheld
/// remembered from an earlier time, not wanted  | unsubscribed behind these, until the broker has confirmed it
/// the broker's drop count                      | as a wanted filter brings it; else subscribed anew each time, but not
///                                              |   on the connection after one that ended without the answer
///
/// Wanted filters that have topics in common, none covering another, get a subscription identifier each with MQTT 5. So
/// the copies of one message that a broker sends for several of them can be told from a message published again.
/// Threads: one at a time.
class SubscriptionPlan {
 public:
  /// `remembered`: what the broker's kept session may hold, from an earlier process.
  SubscriptionPlan(MqttVersion version, const std::vector<Subscription>& configured,
                   const std::vector<std::string>& remembered);

  /// Those of the configured that no other of them covers.
  [[nodiscard]] const std::vector<Subscription>& wanted() const { return wanted_; }
  /// A wanted filter brings the broker's drop count.
  [[nodiscard]] bool drop_count_is_wanted() const { return drop_count_is_wanted_; }

  struct Withheld {
    Subscription subscription;
    std::string why;  ///< "no wildcards"
    bool operator==(const Withheld&) const = default;
  };
  struct Packets {
    std::vector<SubscribePacket> subscribe{};  ///< first, so that no topic of both is without a subscription meanwhile
    std::vector<std::string> unsubscribe{};    ///< then these
    std::vector<Withheld> withheld{};          ///< not asked for
    std::vector<std::string> unanswered{};     ///< of `unsubscribe`, those that a connection before had no answer to
  };
  /// A connection came up.
  [[nodiscard]] Packets connected(const Connack& connack);
  /// A connection has ended, and its CONNACK was not read. The broker may have made a new session for it, which the
  /// next connection finds: one without subscriptions.
  void connack_lost() { held_.clear(); }
  /// SUBACK of one filter.
  void subscribed(const std::string& filter, std::uint8_t code);
  /// UNSUBACK of one filter. Whether it is given up now.
  bool unsubscribed(const std::string& filter, std::uint8_t code);

  /// What the session may still hold, wanted or not, if that has become less since the last call.
  [[nodiscard]] std::optional<std::vector<std::string>> news();

  /// Whether all of these identifiers are those of this plan, so that messages which carry them are comparable. A
  /// message that was queued under another configuration has others.
  [[nodiscard]] bool knows(const std::vector<std::uint32_t>& ids) const;

 private:
  const std::vector<Subscription> wanted_;
  const bool drop_count_is_wanted_;
  std::uint32_t first_id_ = 0;                ///< of `ids_`, which are without gaps
  std::map<std::string, std::uint32_t> ids_;  ///< of the wanted filters that overlap
  std::map<std::string, std::uint8_t> held_;  ///< wanted filters, with their QoS as the session has them
  std::set<std::string> leftover_;            ///< not wanted, and perhaps still in the session
  std::set<std::string> unanswered_;          ///< of `leftover_`: what an UNSUBSCRIBE has asked for
  bool drop_count_unanswered_ = false;
  bool became_less_ = false;
};

}  // namespace edgeseal::transport
