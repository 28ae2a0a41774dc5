// SPDX-License-Identifier: GPL-3.0-or-later
// The gate with a client or a broker that does not read, and more to write than its buffers hold.
#include <chrono>
#include <numeric>
#include <thread>

#include <poll.h>

#include "tests/component/mqtt/ack_gate_fixture.h"

namespace edgeseal::test {
namespace {

using std::chrono::steady_clock;

constexpr std::uint16_t kMany = 20'000;
constexpr std::size_t kLarge = 1000;
/// What the sockets of a loopback connection and the gate's buffers may hold, by far.
constexpr std::size_t kHeldBytesMax = std::size_t{16} << 20;

std::vector<std::uint16_t> ids_up_to(std::uint16_t count) {
  std::vector<std::uint16_t> ids(count);
  std::iota(ids.begin(), ids.end(), std::uint16_t{1});
  return ids;
}

class FullGateTest : public AckGateTest {
 protected:
  FullGateTest() { broker_socket_bytes = 8 * 1024; }

  /// `kMany` messages have come to the client, which has answered them; of the answers none may go yet.
  void hold_many(std::uint8_t first_byte = 0x32) {
    open_with_client(
        {.version = MqttVersion::v3_1_1, .unacknowledged_max = 65'535, .unacknowledged_bytes_max = 1U << 30});
    const bool qos2 = first_byte == 0x34;
    Bytes messages;
    Bytes to_client;
    Bytes from_client;
    for (const std::uint16_t id : ids) {
      const Bytes message = publish(id, 1, first_byte);
      append(messages, message);
      append(to_client, message);
      if (qos2) append(to_client, from_hex(pubrel(id)).value());
      append(answers, from_hex(qos2 ? pubrec(id) : puback(id)).value());
      append(from_client, from_hex(qos2 ? pubrec(id) : puback(id)).value());
      if (qos2) append(from_client, from_hex(pubcomp(id)).value());
    }
    std::thread speaker([&] { broker.say(messages); });
    EXPECT_TRUE(client.hear(to_client.size()) == to_client);
    speaker.join();
    client.say(from_client);
    client.say(kPingreq);
    EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
    broker.say(kPingresp);
    EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
  }

  /// The broker sends large messages of QoS 0 to a client that does not read, until nothing more is taken. The last of
  /// them has perhaps not gone whole.
  void fill_the_client() {
    const Bytes message = publish(0, kLarge, 0x30);
    while (said.size() < 2 * kHeldBytesMax) {
      if (!broker.may_say(std::chrono::milliseconds{300})) return;
      const std::size_t put = broker.say_some(ByteView(message).subspan(said.size() % message.size()));
      append(said, ByteView(message).subspan(said.size() % message.size(), put));
    }
  }
  /// The client reads again.
  void say_the_rest_and_hear_it() {
    const Bytes message = publish(0, kLarge, 0x30);
    const std::size_t begun = said.size() % message.size();
    const ByteView left = ByteView(message).subspan(begun == 0 ? message.size() : begun);
    append(said, left);
    std::thread speaker([&] { broker.say(left); });
    EXPECT_TRUE(client.hear(said.size()) == said);
    speaker.join();
  }
  [[nodiscard]] bool all_written() {
    return eventually([&] { return written_ids() == ids; });
  }

  const std::vector<std::uint16_t> ids = ids_up_to(kMany);
  Bytes answers;  ///< to the broker, in order
  Bytes said;     ///< by the broker, behind the messages
};

TEST_F(FullGateTest, WithAClientThatDoesNotReadReleasesAllAndHoldsLittle) {
  hold_many();
  fill_the_client();
  EXPECT_LT(said.size(), kHeldBytesMax);
  gate->release(ids);
  EXPECT_TRUE(broker.hear(answers.size()) == answers);
  EXPECT_TRUE(all_written());
  say_the_rest_and_hear_it();
  broker.say(kPingresp);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp);
}

TEST_F(FullGateTest, WithABrokerThatDoesNotReadPassesWhatComesAndLosesNoAcknowledgement) {
  hold_many();
  gate->release(ids);
  const Bytes later = publish(kMany + 1);
  broker.say(later);
  EXPECT_EQ(client.hear(later.size()), later);
  EXPECT_LT(written_ids().size(), ids.size()) << "the buffers hold all of it: this tests nothing";
  EXPECT_TRUE(broker.hear(answers.size()) == answers);
  EXPECT_TRUE(all_written());
}

TEST_F(FullGateTest, WithNeitherSideReadingGoesOnWhenBothDo) {
  hold_many();
  fill_the_client();
  gate->release(ids);
  EXPECT_TRUE(eventually([&] { return !written_ids().empty(); }));
  std::thread reader([&] { EXPECT_TRUE(broker.hear(answers.size()) == answers); });
  say_the_rest_and_hear_it();
  reader.join();
  EXPECT_TRUE(all_written());
}

// 20,000 PUBRECs go, and the PUBREL of each has come already: as many bytes wait for the client.
TEST_F(FullGateTest, TellsTheClientOfEachPubrelThatWasKept) {
  hold_many(0x34);
  Bytes pubrels;
  for (const std::uint16_t id : ids) append(pubrels, from_hex(pubrel(id)).value());
  broker.say(pubrels);
  broker.say(kPingresp);
  EXPECT_EQ(client.hear_like(kPingresp), kPingresp) << "they are kept";
  gate->release(ids);
  EXPECT_TRUE(broker.hear(answers.size()) == answers);
  EXPECT_TRUE(client.hear(pubrels.size()) == pubrels);
  EXPECT_TRUE(all_written());
}

TEST_F(FullGateTest, StopsInTimeWithNeitherSideReading) {
  hold_many();
  fill_the_client();
  gate->release(ids);
  EXPECT_TRUE(eventually([&] { return !written_ids().empty(); }));
  const auto begin = steady_clock::now();
  gate->stop();
  EXPECT_EQ(ended.get(), "stopped");
  gate->finish();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds{10});
  // What has gone is a beginning of what was released: nothing else, nothing twice.
  Bytes heard = broker.hear(answers.size());
  EXPECT_LT(heard.size(), answers.size());
  heard.resize(heard.size() - heard.size() % 4);
  EXPECT_TRUE(std::equal(heard.begin(), heard.end(), answers.begin()));
  EXPECT_LE(written_ids().size() * 4, answers.size());
  gate.reset();
}

TEST_F(FullGateTest, EndsWithItsClientWhileNeitherSideReads) {
  hold_many();
  fill_the_client();
  gate->release(ids);
  client.hang_up();
  EXPECT_EQ(ended.wait_for(std::chrono::seconds{10}), std::future_status::ready);
  gate->finish();
}

TEST_F(FullGateTest, StopsWithMoreAcknowledgementsReleasedThanItsBuffersHold) {
  open_with_client({.version = MqttVersion::v3_1_1, .unacknowledged_max = kMany});
  Bytes all;
  for (std::uint16_t id = 1; id <= kMany; ++id) {
    append(all, publish(id));
    append(answers, from_hex(puback(id)).value());
  }
  std::thread speaker([&] { broker.say(all); });
  EXPECT_EQ(client.hear(all.size()).size(), all.size());
  speaker.join();
  client.say(answers);
  client.say(kPingreq);
  EXPECT_EQ(broker.hear_like(kPingreq), kPingreq);
  client.say(kDisconnect);
  gate->release(ids);
  gate->stop();
  EXPECT_EQ(ended.get(), "stopped");
  client.hang_up();
  std::thread finisher([&] { gate->finish(); });
  append(answers, from_hex(kDisconnect).value());
  EXPECT_TRUE(broker.hear(answers.size()) == answers);
  finisher.join();
  gate.reset();
}

TEST_F(FullGateTest, EndsInTimeWhenABrokerDoesNotReadWhatIsReleased) {
  constexpr std::uint16_t kMost = 60'000;
  open_with_client({.version = MqttVersion::v3_1_1, .unacknowledged_max = kMost});
  std::thread speaker([&] {
    for (std::uint16_t id = 1; id <= kMost; ++id) broker.say(publish(id));
  });
  const std::size_t bytes = publish(1).size() * kMost;
  EXPECT_EQ(client.hear(bytes).size(), bytes);
  speaker.join();
  for (std::uint16_t id = 1; id <= kMost; ++id) client.say(puback(id));
  client.say(kDisconnect);
  gate->release(ids_up_to(kMost));
  gate->stop();
  EXPECT_EQ(ended.get(), "stopped");
  gate->finish();
  gate.reset();
}

}  // namespace
}  // namespace edgeseal::test
