// SPDX-License-Identifier: GPL-3.0-or-later
// A broker and a client that do what they like, and a committer that releases what came: no acknowledgement goes before
// the release of its message or out of order, and nothing that came is forgotten.
#include "transport/ingest/ack_ledger.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <utility>

#include "tests/fuzzing/target.h"

namespace edgeseal::fuzzing {
namespace {

using transport::AckLedger;
using transport::MqttVersion;
using transport::Packet;
using transport::PacketType;

constexpr std::uint16_t kIds = 4;  // few, so that they meet again
constexpr std::uint32_t kAckBytes = 4;

class World {
 public:
  explicit World(MqttVersion version) : version_(version), ledger_(version) {}

  /// One event; false once the gate would end the connection.
  bool happens(std::uint8_t event) {
    const auto id = static_cast<std::uint16_t>(1 + (event >> 3) % kIds);
    const auto more = static_cast<std::uint8_t>(event >> 5);
    bool going_on = true;
    switch (event & 7) {
      case 0:
      case 1:
        publish(id, static_cast<std::uint8_t>((event & 1) + 1), (more & 1) != 0, (more & 2) != 0 ? 70'000 : 0);
        break;
      case 2:
        going_on = acknowledge(id, PacketType::puback);
        break;
      case 3:
        going_on = acknowledge(id, PacketType::pubrec);
        break;
      case 4:
        going_on = acknowledge(id, PacketType::pubcomp);
        break;
      case 5:
        release(id);
        break;
      case 6:
        pubrel(id);
        break;
      default:
        take(std::size_t{more} * kAckBytes);
    }
    check();
    return going_on;
  }

 private:
  /// A message of the broker's.
  struct Message {
    std::uint8_t qos = 0;
    bool released = false;
    bool taken = false;        ///< QoS 2: PUBREC has gone
    bool pubrel_kept = false;  ///< came before that
    bool told_again = false;
  };

  void publish(std::uint16_t id, std::uint8_t qos, bool dup, std::uint32_t skipped) {
    const auto flags = static_cast<std::uint8_t>((qos << 1) | (dup ? 8 : 0));
    const Packet packet{PacketType::publish, flags, id, 20};
    const auto arrival = ledger_.publish_begins(packet);
    const auto known = messages_.find(id);
    if (known != messages_.end()) {
      ENSURE(arrival.has_value() == (known->second.qos == qos && (qos == 2 || dup)));
      if (!arrival) return;
      ENSURE(*arrival == AckLedger::Arrival::repeated);
      ledger_.publish_repeated(packet);
      if (known->second.taken) known->second.told_again = true;
      return;
    }
    ENSURE(arrival && *arrival == AckLedger::Arrival::fresh);
    const Bytes told = ledger_.publish_came(packet, skipped);
    messages_[id] = {.qos = qos};
    order_.push_back(id);
    ENSURE(ledger_.was_dup(id) == dup && ledger_.skipped_bytes(id) == skipped);
    ENSURE(told.empty() == (qos == 1 || version_ == MqttVersion::v5));
    if (!told.empty()) ++own_pubrels_[id];
  }

  void pubrel(std::uint16_t id) {
    const auto known = messages_.find(id);
    const bool keep = known != messages_.end() && known->second.qos == 2 && !known->second.taken;
    ENSURE((ledger_.pubrel_came(id) == AckLedger::Verdict::keep) == keep);
    if (keep) {
      known->second.pubrel_kept = true;
      return;
    }
    if (known != messages_.end() && known->second.qos == 2) messages_.erase(known);
    ++pubcomps_awaited_;
  }

  bool acknowledge(std::uint16_t id, PacketType type) {
    const Bytes bytes{static_cast<std::uint8_t>(static_cast<int>(type) << 4), 2, 0, static_cast<std::uint8_t>(id)};
    const auto verdict = ledger_.client_acknowledged({type, 0, id, kAckBytes}, bytes);
    if (!verdict) return false;
    ENSURE(*verdict == AckLedger::Verdict::keep || type == PacketType::pubcomp);
    if (type == PacketType::pubcomp) {
      const bool own = own_pubrels_[id] > 0;
      ENSURE((*verdict == AckLedger::Verdict::keep) == own);
      if (own) --own_pubrels_[id];
    }
    if (*verdict == AckLedger::Verdict::pass && pubcomps_awaited_ > 0) --pubcomps_awaited_;
    return true;
  }

  /// As the source does: each message that came, once.
  void release(std::uint16_t id) {
    const auto known = messages_.find(id);
    if (known == messages_.end() || known->second.released) return;
    ledger_.release(id);
    known->second.released = true;
  }

  void take(std::size_t bytes_max) {
    const auto all = ledger_.take_released(bytes_max);
    ENSURE(all.size() * kAckBytes <= bytes_max);
    for (const AckLedger::Held& held : all) {
      ENSURE(messages_.contains(held.id));
      Message& message = messages_.at(held.id);
      if (held.again) {
        ENSURE(message.taken && std::exchange(message.told_again, false));
        continue;
      }
      ENSURE(message.released && !std::exchange(message.taken, true));
      if (message.qos == 1 || message.pubrel_kept) {
        if (message.pubrel_kept) ++pubcomps_awaited_;
        messages_.erase(held.id);
      }
      // The order of the messages: [MQTT-4.6.0-2].
      ENSURE(!order_.empty() && order_.front() == held.id);
      order_.pop_front();
    }
    ENSURE(!ledger_.any_released() || all.size() == bytes_max / kAckBytes);
    static_cast<void>(ledger_.take_for_client());
  }

  void check() const {
    std::size_t waiting = 0;
    std::size_t released = 0;
    for (const auto& [id, message] : messages_) {
      waiting += message.taken ? 0 : 1;
      released += message.released && !message.taken ? 1 : 0;
    }
    ENSURE(ledger_.unacknowledged() == waiting);
    ENSURE(ledger_.awaits_client() == (released + pubcomps_awaited_ > 0));
    ENSURE((ledger_.unacknowledged_bytes() == 0) == (waiting == 0));
  }

  const MqttVersion version_;
  AckLedger ledger_;
  std::map<std::uint16_t, Message> messages_;
  std::map<std::uint16_t, unsigned> own_pubrels_;
  std::size_t pubcomps_awaited_ = 0;
  std::deque<std::uint16_t> order_;  ///< of the messages that wait
};

}  // namespace

std::vector<Bytes> seeds() {
  // QoS 1 and 2 side by side; one in two versions; repeated by the broker; released late.
  const std::array<Bytes, 3> stories{
      Bytes{0x00, 0x02, 0x05, 0x27, 0x09, 0x0b, 0x0d, 0x27, 0x0e, 0x0c},
      Bytes{0x00, 0x09, 0x02, 0x0b, 0x0d, 0x27, 0x05, 0x47, 0x0e, 0x0c, 0x0c, 0x00, 0x02},
      Bytes{0x01, 0x21, 0x03, 0x03, 0x05, 0x27, 0x06, 0x04, 0x01, 0x63, 0x03, 0x05, 0xe7}};
  std::vector<Bytes> all;
  for (const Bytes& story : stories) {
    for (const std::uint8_t version : std::array<std::uint8_t, 2>{0, 1}) {
      all.push_back({version});
      append(all.back(), story);
    }
  }
  return all;
}

}  // namespace edgeseal::fuzzing

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgeseal::fuzzing;
  Input input(data, size);
  World world((input.u8() & 1) != 0 ? MqttVersion::v5 : MqttVersion::v3_1_1);
  while (!input.empty() && world.happens(input.u8())) continue;
  return 0;
}
