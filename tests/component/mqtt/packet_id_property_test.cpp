// SPDX-License-Identifier: GPL-3.0-or-later
// Every packet identifier that came in is in the end committed, or recorded as dropped, or still held: random sessions,
// each from a seed, against a broker that the test plays.
#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "crypto/base/guarded.h"
#include "tests/component/mqtt/session_broker.h"
#include "tests/support/matchers.h"
#include "tests/support/process.h"
#include "transport/ingest/mqtt_source.h"

namespace edgeseal::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using transport::ArrivalNumber;
using transport::MqttVersion;

constexpr unsigned kSeeds = 200;
constexpr unsigned kAtOnce = 60;  // a session mostly waits until it may connect again
constexpr unsigned kSeedsWithoutQos0Flood = 50;
constexpr std::size_t kQos0FloodBytes = std::size_t{1} << 20;
constexpr int kQos0Flood = 18;  // of which 16 MiB are kept
constexpr std::uint16_t kReceiveMaximum = 20;
constexpr std::chrono::seconds kSettledBy{20};
constexpr std::chrono::milliseconds kMoment{2};

struct Arrival {
  std::string topic;
  std::uint64_t connection = 0;
  std::uint64_t too_large = 0;  ///< bytes of what was skipped; 0: a message, and what follows is its
  std::uint8_t qos = 0;
  bool dup = false;
  std::size_t payload_bytes = 0;
};

/// What the source said, in order.
struct Heard {
  std::uint64_t connection = 0;
  std::vector<Arrival> arrivals;  ///< that with number 1 first
  std::vector<std::string> dropped;
  std::vector<ArrivalNumber> acknowledged;

  /// The newest of this topic; 0: none.
  [[nodiscard]] ArrivalNumber number_of(const std::string& topic) const {
    for (ArrivalNumber number = arrivals.size(); number > 0; --number) {
      if (arrivals[number - 1].topic == topic) return number;
    }
    return 0;
  }
};

class Listener final : public transport::SourceListener {
 public:
  void on_message(ArrivalNumber number, transport::Message message) override {
    add(number, {message.topic, message.connection, 0, message.qos, message.dup, message.payload.size()});
  }
  void on_too_large(ArrivalNumber number, const std::string& topic, std::uint64_t bytes) override {
    add(number, {.topic = topic, .connection = heard().connection, .too_large = bytes});
  }
  void on_connected(std::uint64_t connection, bool) override {
    all_.with([&](Heard& all) { all.connection = connection; });
  }
  void on_disconnected(const std::string& why) override {
    EXPECT_THAT(why, AnyOf(HasSubstr("the broker closed the connection"), HasSubstr("the broker disconnected"),
                           HasSubstr("Connection reset by peer"), HasSubstr("the connection to the broker broke")));
  }
  void on_shortfalls(const std::vector<transport::Shortfall>& all) override {
    for (const auto& each : all) EXPECT_FALSE(each.refused) << each.what;
  }
  void on_acknowledged(ArrivalNumber number) override {
    all_.with([&](Heard& all) { all.acknowledged.push_back(number); });
  }
  void on_dropped(const std::string& topic, transport::Qos0Loss /*why*/) override {
    all_.with([&](Heard& all) { all.dropped.push_back(topic); });
  }
  [[nodiscard]] Heard heard() const {
    return all_.with([](const Heard& all) { return all; });
  }

 private:
  void add(ArrivalNumber number, Arrival arrival) {
    all_.with([&](Heard& all) {
      all.arrivals.push_back(std::move(arrival));
      EXPECT_EQ(number, all.arrivals.size());
    });
  }
  Guarded<Heard> all_;
};

struct Sent {
  SessionBroker::Message message;
  std::size_t bytes = 0;         ///< of its packet
  std::uint64_t connection = 0;  ///< on which it was sent first
};

class Session {
 public:
  explicit Session(unsigned seed)
      : random_(seed),
        version_(seed % 2 == 0 ? MqttVersion::v5 : MqttVersion::v3_1_1),
        flood_(seed % kSeedsWithoutQos0Flood == 0),
        packet_bytes_max_(flood_ ? 2 * kQos0FloodBytes : 1000),
        source_({.url = broker_.url(),
                 .version = version_,
                 .client_id = "gateway-1",
                 .receive_maximum = kReceiveMaximum,
                 .packet_bytes_max = static_cast<std::uint32_t>(packet_bytes_max_)},
                {{"#", 2}}, {}, clock_) {}

  void run() {
    ASSERT_THAT(source_.start(listener_), IsOk());
    for (std::uint64_t left = draw(3) + 1; left-- > 0;) {
      broker_.accept();
      in_order_.emplace_back();
      for (const auto& message : broker_.unacknowledged()) in_order_.back().push_back(message.topic);
      for (std::uint64_t steps = draw(60); steps > 0; --steps) step();
      if (flood_) flood();
      if (left > 0) broker_.hang_up(draw(2) == 0);
    }
    settle();
    broker_.fall_silent();
    source_.stop();
    while (listen(std::chrono::seconds{2})) {
    }
    check();
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }

  void step() {
    switch (draw(8)) {
      case 0:
        static_cast<void>(listen(kMoment));
        break;
      case 1:
        release(released_ + draw(listener_.heard().arrivals.size() - released_ + 1));
        break;
      default:
        if (broker_.unacknowledged().size() < kReceiveMaximum) publish(static_cast<std::uint8_t>(draw(3)));
    }
  }

  void publish(std::uint8_t qos) {
    const bool large = draw(5) == 0;
    const std::string topic = "t" + std::to_string(++topics_) + std::string(draw(4) == 0 ? draw(300) : 0, 't');
    const std::size_t payload_bytes = large ? packet_bytes_max_ + draw(3000) : draw(600);
    send({.topic = topic, .qos = qos, .payload_bytes = payload_bytes});
  }
  void flood() {
    for (int i = 0; i < kQos0Flood; ++i) {
      send({.topic = "flood" + std::to_string(++topics_), .payload_bytes = kQos0FloodBytes});
    }
  }
  void send(const SessionBroker::Message& message) {
    const std::size_t bytes = broker_.publish(message);
    sent_[message.topic] = {message, bytes, in_order_.size()};
    in_order_.back().push_back(message.topic);
  }

  void release(ArrivalNumber number) {
    static_cast<void>(listen({}));
    released_ = number;
    source_.release(number);
  }

  /// An acknowledgement is on the wire: the message has been handed over on this connection, and released.
  bool listen(std::chrono::milliseconds patience) {
    return broker_.listen(patience, [&](const SessionBroker::Message& message) {
      const Heard heard = listener_.heard();
      const ArrivalNumber number = heard.number_of(message.topic);
      ASSERT_GT(number, 0U) << message.topic;
      EXPECT_LE(number, released_) << message.topic;
      EXPECT_EQ(heard.arrivals[number - 1].connection, in_order_.size()) << message.topic;
      EXPECT_TRUE(acknowledged_.emplace(message.topic, number).second) << message.topic;
    });
  }

  /// Until all that this connection brought was handed over, and all that was released of it is acknowledged.
  void settle() {
    const auto deadline = std::chrono::steady_clock::now() + kSettledBy;
    const auto until = [&](auto condition) {
      while (!condition(listener_.heard())) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);
        ASSERT_TRUE(listen(kMoment));
      }
    };
    until([&](const Heard& heard) {
      const auto came = [&](const std::string& topic) {
        const ArrivalNumber number = heard.number_of(topic);
        return (number > 0 && heard.arrivals[number - 1].connection == in_order_.size()) ||
               std::ranges::find(heard.dropped, topic) != heard.dropped.end();
      };
      return std::ranges::all_of(in_order_.back(), came);
    });
    const std::size_t all = listener_.heard().arrivals.size();
    release(draw(2) == 0 ? all : released_ + draw(all - released_ + 1));
    until([&](const Heard& heard) {
      return broker_.all_complete() &&
             (broker_.unacknowledged().empty() || heard.number_of(broker_.unacknowledged().front().topic) > released_);
    });
  }

  void check() const;

  std::mt19937_64 random_;
  const MqttVersion version_;
  const bool flood_;
  const std::size_t packet_bytes_max_;
  SessionBroker broker_{version_};
  SystemClock clock_;
  Listener listener_;
  transport::MqttSource source_;
  std::map<std::string, Sent> sent_;
  std::vector<std::vector<std::string>> in_order_;     ///< topics, as they were sent on each connection
  std::map<std::string, ArrivalNumber> acknowledged_;  ///< on the wire
  ArrivalNumber released_ = 0;
  unsigned topics_ = 0;
};

void Session::check() const {
  const Heard heard = listener_.heard();
  std::vector<std::size_t> at(in_order_.size());  // how far each connection's messages have come
  for (ArrivalNumber number = 1; number <= heard.arrivals.size(); ++number) {
    const Arrival& arrival = heard.arrivals[number - 1];
    SCOPED_TRACE(arrival.topic + ", number " + std::to_string(number));
    ASSERT_TRUE(sent_.contains(arrival.topic));
    const Sent& sent = sent_.at(arrival.topic);
    EXPECT_EQ(arrival.too_large, sent.bytes > packet_bytes_max_ ? sent.bytes : 0);
    if (arrival.too_large == 0) {
      EXPECT_EQ(arrival.qos, sent.message.qos);
      EXPECT_EQ(arrival.dup, arrival.connection > sent.connection);
      EXPECT_EQ(arrival.payload_bytes, sent.message.payload_bytes);
    }
    const auto& order = in_order_[arrival.connection - 1];
    std::size_t& next = at[arrival.connection - 1];
    while (next < order.size() && order[next] != arrival.topic) ++next;
    EXPECT_LT(next++, order.size()) << "out of order, or twice on one connection";
    const auto acknowledged = acknowledged_.find(arrival.topic);
    EXPECT_TRUE(acknowledged == acknowledged_.end() || number <= acknowledged->second);
  }
  std::vector<ArrivalNumber> told = heard.acknowledged;
  std::ranges::sort(told);
  EXPECT_EQ(std::ranges::adjacent_find(told), told.end());
  for (const auto& [topic, number] : acknowledged_) EXPECT_TRUE(std::ranges::binary_search(told, number)) << topic;
  for (const ArrivalNumber number : told) EXPECT_LE(number, released_);
  for (const auto& message : broker_.unacknowledged()) EXPECT_GT(heard.number_of(message.topic), released_);
  for (const std::string& topic : heard.dropped) EXPECT_EQ(sent_.at(topic).message.qos, 0);
}

TEST(PacketIdProperty, EachIsCommittedOrDroppedOrStillHeld) {
  std::atomic<unsigned> next{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&next] {
      for (unsigned seed = next++; seed < kSeeds; seed = next++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Session(seed).run();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace edgeseal::test
