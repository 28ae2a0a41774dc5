// SPDX-License-Identifier: GPL-3.0-or-later
// The gate between a client and a broker whose every byte the test writes. That something is kept back shows by what
// comes instead of it: packets of one direction cannot overtake each other.
#pragma once
#include <array>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "crypto/base/guarded.h"
#include "crypto/base/wire.h"
#include "tests/component/mqtt/peer.h"
#include "tests/support/matchers.h"
#include "tests/support/process.h"
#include "transport/ingest/ack_gate.h"
#include "transport/ingest/tcp_stream.h"

namespace edgeseal::test {

using transport::AckGate;
using transport::AckGateOptions;
using transport::Descriptor;
using transport::MqttVersion;

inline std::string hex_of(std::uint8_t first_byte, std::uint16_t id) {
  Bytes packet;
  WireWriter out(packet);
  out.u8(first_byte);
  out.u8(2);
  out.u16(id);
  return to_hex(packet);
}
inline std::string puback(std::uint16_t id) { return hex_of(0x40, id); }
inline std::string pubrec(std::uint16_t id) { return hex_of(0x50, id); }
inline std::string pubrel(std::uint16_t id) { return hex_of(0x62, id); }
inline std::string pubcomp(std::uint16_t id) { return hex_of(0x70, id); }

/// Topic "a", no properties (MQTT 3.1.1).
inline Bytes publish(std::uint16_t id, std::size_t payload_bytes = 1, std::uint8_t first_byte = 0x32) {
  Bytes packet{first_byte};
  for (std::size_t left = payload_bytes + 5;;) {
    const auto byte = static_cast<std::uint8_t>(left & 0x7F);
    left >>= 7;
    packet.push_back(left > 0 ? byte | 0x80 : byte);
    if (left == 0) break;
  }
  WireWriter out(packet);
  out.u16(1);
  out.u8('a');
  out.u16(id);
  for (std::size_t i = 0; i < payload_bytes; ++i) out.u8(static_cast<std::uint8_t>(i * 31 + i / 256));
  return packet;
}

inline constexpr const char* kPingreq = "c000";
inline constexpr const char* kPingresp = "d000";
inline constexpr const char* kDisconnect = "e000";
inline constexpr const char* kSuback = "9003000101";

class AckGateTest : public testing::Test {
 protected:
  void open(AckGateOptions options = {.version = MqttVersion::v3_1_1}) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    broker = Peer(Descriptor(ends[1]));
    auto stream = std::make_unique<transport::TcpStream>(Descriptor(ends[0]));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    if (broker_socket_bytes > 0)
      setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &broker_socket_bytes, sizeof broker_socket_bytes);
    auto opened = AckGate::open(
        std::move(stream), options, wake,
        [this](const std::vector<std::uint16_t>& ids) {
          written.with([&](auto& all) { all.insert(all.end(), ids.begin(), ids.end()); });
        },
        [this](const std::string& topic) { skipped.with([&](auto& all) { all.push_back(topic); }); });
    ASSERT_THAT(opened, IsOk());
    gate = std::move(*opened);
    ended = std::async(std::launch::async, [this] { return gate->run(); });
  }
  void open_with_client(AckGateOptions options = {.version = MqttVersion::v3_1_1}) {
    open(options);
    client = Peer(connect_to(gate->port()));
    connect(options.version);
  }
  /// The broker's CONNACK comes before all else.
  void connect(MqttVersion version) const {
    const std::string connack = version == MqttVersion::v5 ? "2003000000" : "20020000";
    broker.say(connack);
    EXPECT_EQ(client.hear_like(connack), connack);
  }
  void TearDown() override {
    if (!gate) return;
    gate->stop();
    if (ended.valid()) ended.wait();
  }
  std::vector<std::uint16_t> written_ids() {
    return written.with([](const auto& all) { return all; });
  }

  int broker_socket_bytes = 0;  ///< on the way to the broker; 0: as many as the system likes
  transport::Wake wake;
  Guarded<std::vector<std::uint16_t>> written;
  Guarded<std::vector<std::string>> skipped;
  std::unique_ptr<AckGate> gate;
  std::future<std::string> ended;
  Peer broker;
  Peer client;
};

}  // namespace edgeseal::test
