// SPDX-License-Identifier: GPL-3.0-or-later
// transport/mqtt/paho_untracked.cpp is linked, and Paho's C library no longer counts its blocks.
#include <cstddef>

#include <gtest/gtest.h>

#include "transport/mqtt/mqtt_client.h"

// As in Paho's src/Heap.h, which Debian does not install. It is there while the library tracks its heap at all.
extern "C" {
struct heap_info {
  std::size_t current_size;
  std::size_t max_size;
};
heap_info* Heap_get_info();
}

namespace edgeseal::transport {
namespace {

struct NoListener final : MqttClientListener {
  void on_connected(MqttClient& /*client*/, const Connack& /*connack*/) override {}
  void on_connack_unread() override {}
  void on_closed(const std::string& /*why*/) override {}
  void on_message(Message /*message*/) override {}
  void on_subscription(const std::string& /*filter*/, std::uint8_t /*code*/, const std::string& /*words*/) override {}
  void on_unsubscription(const std::string& /*filter*/, std::uint8_t /*code*/, const std::string& /*words*/) override {}
};

TEST(PahoUntracked, CountsNoBlocks) {
  const SystemClock clock;
  NoListener listener;
  MqttOptions options;
  options.url = "mqtt://127.0.0.1:1";
  const auto client = MqttClient::create(options, clock, listener);
  ASSERT_TRUE(client) << client.error().message();
  EXPECT_EQ(Heap_get_info()->max_size, 0U);
}

}  // namespace
}  // namespace edgeseal::transport
