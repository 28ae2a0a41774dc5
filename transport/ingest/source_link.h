// SPDX-License-Identifier: GPL-3.0-or-later
// What an MqttSource knows of its connection, and of its broker over all connections. No thread, no lock: the source
// keeps it behind one.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "transport/ingest/ack_gate.h"
#include "transport/ingest/arrivals.h"
#include "transport/ingest/grants.h"
#include "transport/ingest/subscription_plan.h"
#include "transport/mqtt/connack.h"
#include "transport/mqtt/message.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::transport {

/// The states of a source's connection, and what each call does there:
///
///   state        | connecting   connected    closed (by Paho)   disconnected
///   disconnected | connecting   -            -                  disconnected
///   connecting   | -            connected    connecting         disconnected; its CONNACK is lost
///   connected    | -            -            connected          disconnected
///
/// Paho's last word does not end a state: the gate still passes on what was released. `stop` may come in any of them.
/// Threads: one at a time.
class SourceLink {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// As MqttSource's constructor.
  SourceLink(const MqttOptions& options, const std::vector<Subscription>& configured,
             const std::vector<std::string>& remembered, bool session_expected);

  [[nodiscard]] const std::vector<Subscription>& wanted() const { return plan_.wanted(); }
  [[nodiscard]] bool drop_count_is_wanted() const { return plan_.drop_count_is_wanted(); }

  // --- from state to state

  /// A client is about to connect through `gate`, which lives until `disconnected`.
  void connecting(AckGate& gate);

  /// What is to be told, and asked for, on a new connection.
  struct Opening {
    std::uint64_t connection = 0;
    bool session_present = false;
    SubscriptionPlan::Packets packets{};
    std::optional<std::vector<std::string>> held{};      ///< if it is news
    std::optional<std::vector<Shortfall>> shortfalls{};  ///< if it is news
  };
  /// The broker has accepted. REQUIRES: connecting.
  [[nodiscard]] Opening connected(const Connack& connack, TimePoint now);
  /// The listener has heard whether there is a session.
  void session_told() { new_session_untold_ = false; }
  /// The broker has accepted, and nobody knows how.
  void connack_unread();

  /// Paho's last word: what the broker said. Takes memory, if at all, for `why` alone, and does without.
  void closed(const std::string& why) noexcept;

  /// What was, when all is over.
  struct Ended {
    std::chrono::nanoseconds stood{0};  ///< 0 if it was not accepted
    std::string last_words{};           ///< the broker's; may be empty
  };
  /// Client and gate have ended, or there were none.
  [[nodiscard]] Ended disconnected(TimePoint now);

  /// For good: nothing is taken from now on.
  void stop();
  [[nodiscard]] bool stopping() const { return stopping_; }
  /// Nothing more will come of Paho.
  [[nodiscard]] bool over() const;

  // --- what the broker says

  struct Taken {
    std::optional<ArrivalNumber> number{};  ///< nothing: dropped, as Arrivals::came has it
    std::uint32_t skipped_bytes = 0;        ///< the message was too large, and `message` stands in for it
  };
  /// Completes `message` with what Paho does not know. REQUIRES: not disconnected.
  [[nodiscard]] Taken came(Message& message);
  /// Whether the broker's drop count is news on this connection.
  [[nodiscard]] bool drop_count_came(std::uint64_t count);
  /// As MqttClientListener's; what is granted less, if that is news.
  [[nodiscard]] std::optional<std::vector<Shortfall>> subscribed(const std::string& filter, std::uint8_t code,
                                                                 const std::string& words);
  struct GivenUp {
    std::optional<std::vector<std::string>> held{};      ///< if it is news
    std::optional<std::vector<Shortfall>> shortfalls{};  ///< if it is news
  };
  [[nodiscard]] GivenUp unsubscribed(const std::string& filter, std::uint8_t code, const std::string& words);

  // --- acknowledgements

  void release(ArrivalNumber number);
  /// As Arrivals::acknowledged.
  [[nodiscard]] ArrivalNumber acknowledged(std::uint16_t packet_id) { return arrivals_.acknowledged(packet_id); }

 private:
  struct Disconnected {};
  struct Connecting {
    AckGate& gate;
    std::optional<std::string> last_words{};  ///< Paho has spoken its last
  };
  struct Connected {
    AckGate& gate;
    std::optional<std::string> last_words{};
    TimePoint since;
    std::optional<std::uint64_t> drop_count{};  ///< as told on this connection
  };
  [[nodiscard]] AckGate* gate() const;
  [[nodiscard]] std::optional<std::string>* last_words();

  // Set once.
  const std::chrono::seconds keep_alive_;

  std::variant<Disconnected, Connecting, Connected> state_;
  bool stopping_ = false;
  // Over all connections.
  SubscriptionPlan plan_;
  Grants grants_;
  Arrivals arrivals_;
  std::uint64_t connections_ = 0;
  bool new_session_untold_ = false;  ///< the broker had no session for us, and the listener has not heard of it
};

}  // namespace edgeseal::transport
