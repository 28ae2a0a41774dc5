// SPDX-License-Identifier: GPL-3.0-or-later
// Walks every order in which a broker, the gate, a client and the committer can act, up to a length. The broker keeps
// to MQTT, but repeats what it sent whenever it likes, as brokers with a timer do, and reads its acknowledgements late.
#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/matchers.h"
#include "transport/ingest/ack_ledger.h"

namespace edgeseal::transport {
namespace {

constexpr std::uint16_t kIdsMax = 2;
constexpr std::size_t kAckBytes = 4;
constexpr std::size_t kAllBytes = 1'000'000;
constexpr unsigned kRepeatsMax = 2;
#ifdef EDGESEAL_SANITIZED
constexpr int kSteps = 9;  // 20 times slower
constexpr std::size_t kOrdersMin = 20'000;
#else
constexpr int kSteps = 12;
constexpr std::size_t kOrdersMin = 500'000;
#endif

enum class Act : std::uint8_t {
  publish_1,     ///< the broker, a new message of QoS 1
  publish_2,     ///< the broker, a new message of QoS 2
  repeat,        ///< the broker, a PUBLISH that it has no acknowledgement of, with DUP
  pubrel,        ///< the broker, behind a PUBREC, or once more, or before it came
  release,       ///< the committer
  broker_reads,  ///< one packet
  client_acts,   ///< on one packet
  take_one,      ///< the gate writes one acknowledgement
  take_all,
};
struct Step {
  Act act = Act::publish_1;
  std::uint16_t id = 0;  ///< 0 where the act has none
};

class World {
 public:
  explicit World(MqttVersion version) : version_(version), ledger_(version) {}

  [[nodiscard]] std::vector<Step> possible() const {
    std::vector<Step> all;
    for (std::uint16_t id = 1; id <= kIdsMax; ++id) {
      const Exchange& at = exchanges_[id];
      if (at.broker == Broker::free && at.answers_due == 0 && (id == 1 || exchanges_[1].messages > 0)) {
        all.push_back({Act::publish_1, id});
        all.push_back({Act::publish_2, id});
      }
      if (at.broker == Broker::sent && repeats_ < kRepeatsMax) all.push_back({Act::repeat, id});
      const bool pubrel_early_or_again = at.broker == Broker::said_pubrel || (at.broker == Broker::sent && at.qos == 2);
      if (at.broker == Broker::has_pubrec || (pubrel_early_or_again && repeats_ < kRepeatsMax)) {
        all.push_back({Act::pubrel, id});
      }
      if (at.delivered > at.released) all.push_back({Act::release, id});
    }
    if (!to_broker_.empty()) all.push_back({Act::broker_reads});
    if (!to_client_.empty()) all.push_back({Act::client_acts});
    if (ledger_.any_released()) {
      all.push_back({Act::take_one});
      all.push_back({Act::take_all});
    }
    return all;
  }

  /// What MQTT or the promise says was broken; empty if nothing was.
  [[nodiscard]] std::string happens(Step step) {
    switch (step.act) {
      case Act::publish_1:
      case Act::publish_2:
        return publish_new(step.id, step.act == Act::publish_1 ? 1 : 2);
      case Act::repeat:
        ++repeats_;
        return publish(step.id, true);
      case Act::pubrel:
        pubrel(step.id);
        return {};
      case Act::release:
        ++exchanges_[step.id].released;
        ledger_.release(step.id);
        return {};
      case Act::broker_reads:
        broker_reads();
        return {};
      case Act::client_acts:
        return client_acts();
      case Act::take_one:
        return take(kAckBytes);
      case Act::take_all:
        return take(kAllBytes);
    }
    return "no such act";
  }

  /// Everybody does what is left to do. Then nothing may be left.
  [[nodiscard]] std::string ends() {
    for (int rounds = 0; rounds < 100; ++rounds) {
      bool any = false;
      for (const Step step : possible()) {
        const bool pubrel_due = step.act == Act::pubrel && exchanges_[step.id].broker == Broker::has_pubrec;
        if (step.act < Act::release && !pubrel_due) continue;
        any = true;
        if (std::string wrong = happens(step); !wrong.empty()) return wrong;
        break;
      }
      if (!any) break;
    }
    for (std::uint16_t id = 1; id <= kIdsMax; ++id) {
      const Exchange& at = exchanges_[id];
      if (at.broker != Broker::free) return "the broker waits for ever for packet " + std::to_string(id);
      if (at.delivered < at.messages) return "a message never came to the client";
    }
    if (ledger_.unacknowledged() > 0 || ledger_.unacknowledged_bytes() > 0) return "the ledger waits for ever";
    if (ledger_.awaits_client()) return "the gate would wait for the client at a stop";
    return {};
  }

 private:
  enum class Broker : std::uint8_t { free, sent, has_pubrec, said_pubrel };
  /// All that went on with one packet identifier.
  struct Exchange {
    Broker broker = Broker::free;
    std::uint8_t qos = 0;
    unsigned messages = 0;   ///< new ones that the broker sent
    unsigned copies = 0;     ///< of the newest one that came to the client
    unsigned delivered = 0;  ///< to the client's user; of QoS 1 repeats too
    unsigned released = 0;
    unsigned taken = 0;         ///< first acknowledgements that the gate wrote
    unsigned answers_due = 0;   ///< of QoS 1: until all are in, the identifier is not used again
    bool pubrec_taken = false;  ///< of the newest message
    bool pubrec_due = false;    ///< of QoS 2, repeated behind its PUBREC
  };
  struct OnWire {
    PacketType type = PacketType::publish;
    std::uint16_t id = 0;
    bool own = false;  ///< a PUBREL that the gate made up
  };

  std::string publish_new(std::uint16_t id, std::uint8_t qos) {
    Exchange& at = exchanges_[id];
    at.broker = Broker::sent;
    at.qos = qos;
    at.copies = 0;
    at.pubrec_taken = false;
    ++at.messages;
    return publish(id, false);
  }

  std::string publish(std::uint16_t id, bool dup) {
    Exchange& at = exchanges_[id];
    const Packet packet{PacketType::publish, static_cast<std::uint8_t>((at.qos << 1) | (dup ? 8 : 0)), id, 100};
    const auto arrival = ledger_.publish_begins(packet);
    if (!arrival) return arrival.error().message();
    if (*arrival == AckLedger::Arrival::repeated) {
      ledger_.publish_repeated(packet);
      at.pubrec_due = at.pubrec_taken;
      return at.pubrec_due && !ledger_.any_released() ? "nobody would wake the gate" : "";
    }
    to_client_.push_back({PacketType::publish, id});
    order_.push_back(id);
    if (at.qos == 1) ++at.answers_due;
    if (!ledger_.publish_came(packet).empty()) to_client_.push_back({PacketType::pubrel, id, true});
    return {};
  }

  void pubrel(std::uint16_t id) {
    Exchange& at = exchanges_[id];
    if (at.broker != Broker::has_pubrec) ++repeats_;
    at.broker = Broker::said_pubrel;
    at.pubrec_due = false;
    if (ledger_.pubrel_came(id) == AckLedger::Verdict::pass) to_client_.push_back({PacketType::pubrel, id});
  }

  void broker_reads() {
    const OnWire packet = to_broker_.front();
    to_broker_.pop_front();
    Exchange& at = exchanges_[packet.id];
    if (packet.type == PacketType::puback) {
      if (at.answers_due > 0) --at.answers_due;
      at.broker = Broker::free;
    } else if (packet.type == PacketType::pubrec && at.broker == Broker::sent) {
      at.broker = Broker::has_pubrec;
    } else if (packet.type == PacketType::pubcomp && at.broker == Broker::said_pubrel) {
      at.broker = Broker::free;
    }
  }

  /// As Paho: MQTT 3.1.1 hands a message of QoS 2 over at PUBREL.
  std::string client_acts() {
    const OnWire packet = to_client_.front();
    to_client_.pop_front();
    Exchange& at = exchanges_[packet.id];
    const bool at_pubrel = at.qos == 2 && version_ == MqttVersion::v3_1_1;
    if (packet.type == PacketType::publish) {
      if (!at_pubrel) ++at.delivered;
      if (++at.copies > 1 && at.qos == 2) return "a message of QoS 2 came to the client twice";
      return answer(at.qos == 1 ? PacketType::puback : PacketType::pubrec, packet.id);
    }
    if (at_pubrel && packet.own) ++at.delivered;
    return answer(PacketType::pubcomp, packet.id);
  }

  std::string answer(PacketType type, std::uint16_t id) {
    const Bytes bytes{static_cast<std::uint8_t>(static_cast<int>(type) << 4), 2, 0, static_cast<std::uint8_t>(id)};
    const auto verdict = ledger_.client_acknowledged({type, 0, id, kAckBytes}, bytes);
    if (!verdict) return verdict.error().message();
    if (*verdict == AckLedger::Verdict::pass) to_broker_.push_back({type, id});
    return {};
  }

  std::string take(std::size_t bytes_max) {
    for (const AckLedger::Held& held : ledger_.take_released(bytes_max)) {
      Exchange& at = exchanges_[held.id];
      if (held.again) {
        if (!std::exchange(at.pubrec_due, false)) return "PUBREC again without need";
        to_broker_.push_back({PacketType::pubrec, held.id});
        continue;
      }
      if (++at.taken > at.released) return "acknowledged before it was released";
      if (order_.empty() || order_.front() != held.id) return "acknowledged out of order";
      order_.pop_front();
      at.pubrec_taken = at.qos == 2;
      to_broker_.push_back({static_cast<PacketType>(held.bytes[0] >> 4), held.id});
    }
    for (const Exchange& at : exchanges_) {
      if (bytes_max == kAllBytes && at.pubrec_due) return "a PUBLISH that was repeated has no answer";
    }
    const Bytes told = ledger_.take_for_client();
    for (std::size_t at = 3; at < told.size(); at += kAckBytes) to_client_.push_back({PacketType::pubrel, told[at]});
    return {};
  }

  MqttVersion version_;
  AckLedger ledger_;
  std::array<Exchange, kIdsMax + 1> exchanges_{};
  std::deque<OnWire> to_broker_;
  std::deque<OnWire> to_client_;
  std::deque<std::uint16_t> order_;  ///< of what has no acknowledgement yet
  unsigned repeats_ = 0;
};

class AckOrdersTest : public testing::TestWithParam<MqttVersion> {
 protected:
  /// Goes on from `world` in every way. False at the first that went wrong, which `path_` then shows.
  bool walk(const World& world, int steps_left) {
    ++orders_;
    World end = world;
    if (std::string wrong = end.ends(); !wrong.empty()) return told(wrong);
    if (steps_left == 0) return true;
    for (const Step step : world.possible()) {
      path_.push_back(step);
      World next = world;
      if (std::string wrong = next.happens(step); !wrong.empty()) return told(wrong);
      if (!walk(next, steps_left - 1)) return false;
      path_.pop_back();
    }
    return true;
  }

  bool told(const std::string& wrong) const {
    static constexpr std::array kNames{"PUBLISH QoS 1", "PUBLISH QoS 2", "PUBLISH again", "PUBREL",    "release",
                                       "broker reads",  "client acts",   "gate takes 1",  "gate takes"};
    std::string text = wrong + ", after:";
    for (const Step step : path_) {
      text += std::string("\n  ") + kNames.at(static_cast<std::size_t>(step.act));
      if (step.id > 0) text += ", packet " + std::to_string(step.id);
    }
    ADD_FAILURE() << text;
    return false;
  }

  std::vector<Step> path_;
  std::size_t orders_ = 0;
};

TEST_P(AckOrdersTest, AnyOrderEndsWithEachAcknowledgementSentAndEachMessageOnce) {
  EXPECT_TRUE(walk(World(GetParam()), kSteps));
  EXPECT_GT(orders_, kOrdersMin);
  RecordProperty("orders", static_cast<int>(orders_));
}

INSTANTIATE_TEST_SUITE_P(Versions, AckOrdersTest, testing::Values(MqttVersion::v3_1_1, MqttVersion::v5),
                         [](const auto& version) { return version.param == MqttVersion::v5 ? "v5" : "v3_1_1"; });

}  // namespace
}  // namespace edgeseal::transport
