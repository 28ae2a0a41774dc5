// SPDX-License-Identifier: GPL-3.0-or-later
// A broker and a client that do what they like, and a committer that releases what came: no acknowledgement goes before
// the release of its message or out of order, and nothing that came is forgotten.
#include "transport/ingest/ack_ledger.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>

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
        ledger_.pubrel_came();
        ++pubcomps_awaited_;
        break;
      default:
        take(std::size_t{more} * kAckBytes);
    }
    check();
    return going_on;
  }

 private:
  /// A message that has come, as often as the client is told of it.
  struct Message {
    std::size_t came = 0;
    std::size_t released = 0;
    std::size_t taken = 0;
  };

  void publish(std::uint16_t id, std::uint8_t qos, bool dup, std::uint32_t skipped) {
    const auto flags = static_cast<std::uint8_t>((qos << 1) | (dup ? 8 : 0));
    const Bytes told = ledger_.publish_came({PacketType::publish, flags, id, 20}, skipped);
    Message& message = messages_[id];
    if (message.came == message.taken) message = {};
    ENSURE(ledger_.was_dup(id) == dup && ledger_.skipped_bytes(id) == skipped);
    if (qos == 2 && message.came > 0) {
      ENSURE(told.empty());
      return;
    }
    ++message.came;
    ENSURE(told.empty() == (qos == 1 || version_ == MqttVersion::v5));
  }

  bool acknowledge(std::uint16_t id, PacketType type) {
    const Bytes bytes{static_cast<std::uint8_t>(static_cast<int>(type) << 4), 2, 0, static_cast<std::uint8_t>(id)};
    const auto verdict = ledger_.client_acknowledged({type, 0, id, kAckBytes}, bytes);
    if (!verdict) return false;
    ENSURE(*verdict == AckLedger::Verdict::keep || type == PacketType::pubcomp);
    if (*verdict == AckLedger::Verdict::pass && pubcomps_awaited_ > 0) --pubcomps_awaited_;
    if (type != PacketType::pubcomp) acknowledged_.push_back(bytes);
    return true;
  }

  /// As the source does: each message that came, once.
  void release(std::uint16_t id) {
    Message& message = messages_[id];
    if (message.released == message.came) return;
    ledger_.release(id);
    ++message.released;
  }

  void take(std::size_t bytes_max) {
    const auto all = ledger_.take_released(bytes_max);
    ENSURE(all.size() * kAckBytes <= bytes_max);
    for (const AckLedger::Held& held : all) {
      Message& message = messages_[held.id];
      ++message.taken;
      ENSURE(message.taken <= message.released);
      // The client's order; what it said twice of one message went once.
      const auto said = std::find(acknowledged_.begin(), acknowledged_.end(), held.bytes);
      ENSURE(said != acknowledged_.end());
      acknowledged_.erase(acknowledged_.begin(), said + 1);
    }
    ENSURE(!ledger_.any_released() || all.size() == bytes_max / kAckBytes);
  }

  void check() const {
    std::size_t waiting = 0;
    std::size_t released = 0;
    for (const auto& [id, message] : messages_) {
      waiting += message.came - message.taken;
      released += message.released - message.taken;
    }
    ENSURE(ledger_.unacknowledged() == waiting);
    ENSURE(ledger_.awaits_client() == (released + pubcomps_awaited_ > 0));
    ENSURE((ledger_.unacknowledged_bytes() == 0) == (waiting == 0));
  }

  const MqttVersion version_;
  AckLedger ledger_;
  std::map<std::uint16_t, Message> messages_;
  std::size_t pubcomps_awaited_ = 0;
  std::deque<Bytes> acknowledged_;  ///< PUBACKs and PUBRECs that the client wrote, and that have not gone
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
