// SPDX-License-Identifier: GPL-3.0-or-later
// One end of a connection, whose every byte the test writes; and a broker made of such ends.
#pragma once
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "crypto/base/bytes.h"
#include "crypto/base/ensure.h"
#include "transport/ingest/stream.h"

namespace edgeseal::test {

inline constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

/// The test's end of a connection: blocking, and impatient in the end.
class Peer {
 public:
  Peer() = default;
  explicit Peer(transport::Descriptor socket) : socket_(std::move(socket)) {
    setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    setsockopt(socket_.number(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  }
  void say(ByteView bytes) const {
    for (std::size_t said = 0; said < bytes.size();) {
      const ssize_t put = send(socket_.number(), bytes.data() + said, bytes.size() - said, MSG_NOSIGNAL);
      ASSERT_GT(put, 0) << std::strerror(errno);
      said += static_cast<std::size_t>(put);
    }
  }
  void say(const std::string& hex) const { say(ByteView(from_hex(hex).value())); }
  /// Whether there is room for something, within `patience`.
  [[nodiscard]] bool may_say(std::chrono::milliseconds patience) const {
    pollfd polled{socket_.number(), POLLOUT, 0};
    return poll(&polled, 1, static_cast<int>(patience.count())) == 1;
  }
  /// As much as there is room for; returns how many bytes.
  [[nodiscard]] std::size_t say_some(ByteView bytes) const {
    const ssize_t put = send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return put > 0 ? static_cast<std::size_t>(put) : 0;
  }
  /// Exactly `count` bytes, fewer if the connection ends or nothing comes for ten seconds.
  [[nodiscard]] Bytes hear(std::size_t count) const {
    Bytes heard(count);
    std::size_t got = 0;
    while (got < count) {
      const ssize_t more = recv(socket_.number(), heard.data() + got, count - got, 0);
      if (more <= 0) break;
      got += static_cast<std::size_t>(more);
    }
    heard.resize(got);
    return heard;
  }
  /// As many bytes as `hex` stands for.
  [[nodiscard]] std::string hear_like(const std::string& hex) const { return to_hex(hear(hex.size() / 2)); }
  /// One whole MQTT packet; nothing if the connection ends or nothing comes for ten seconds.
  [[nodiscard]] Bytes hear_packet() const {
    Bytes packet = hear(2);
    if (packet.size() < 2) return {};
    std::size_t left = packet[1] & 0x7F;
    for (int shift = 7; (packet.back() & 0x80) != 0; shift += 7) {
      append(packet, hear(1));
      left |= static_cast<std::size_t>(packet.back() & 0x7F) << shift;
    }
    append(packet, hear(left));
    return packet;
  }
  /// Whether something comes, the end included, within `patience`.
  [[nodiscard]] bool hears_anything(std::chrono::milliseconds patience) const {
    pollfd polled{socket_.number(), POLLIN, 0};
    return poll(&polled, 1, static_cast<int>(patience.count())) == 1;
  }
  [[nodiscard]] bool hears_the_end() const {
    std::uint8_t byte = 0;
    const ssize_t got = recv(socket_.number(), &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }
  void hang_up() { socket_.reset(); }
  /// Ends the connection with a TCP reset.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.reset();
  }

 private:
  transport::Descriptor socket_;
};

inline transport::Descriptor connect_to(std::uint16_t port) {
  transport::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return socket;
}

/// Listens on a loopback port of its own.
class ScriptedBroker {
 public:
  ScriptedBroker() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    ENSURE(bind(socket_.number(), raw, size) == 0 && listen(socket_.number(), SOMAXCONN) == 0);
    ENSURE(getsockname(socket_.number(), raw, &size) == 0);
    url_ = "mqtt://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  [[nodiscard]] const std::string& url() const { return url_; }

  /// The next client; an end without a connection when none comes within a minute.
  [[nodiscard]] Peer accept() const {
    constexpr int kMilliseconds = 60'000;
    pollfd polled{socket_.number(), POLLIN, 0};
    if (poll(&polled, 1, kMilliseconds) != 1) return {};
    return Peer(transport::Descriptor(accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC)));
  }

 private:
  transport::Descriptor socket_;
  std::string url_;
};

}  // namespace edgeseal::test
