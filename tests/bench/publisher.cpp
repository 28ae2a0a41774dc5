// SPDX-License-Identifier: GPL-3.0-or-later
// Publishes telemetry at QoS 1 over a socket of its own, as fast as the broker takes it or at a given rate; so cheap
// that it does not stand in the way of what is measured. Source: MQTT 3.1.1 (OASIS).
//   publisher --port 1883 --messages 100000 [--payload-bytes 200] [--rate 0] [--window 1000] [--topics 32]
// Prints, when every PUBACK is there: {"messages": …, "payload_bytes": …, "first_s": …, "last_s": …}, times monotonic.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/bench/telemetry.h"

namespace edgeseal::test {
namespace {

using Clock = std::chrono::steady_clock;

/// That many different messages; a batch of 1 MiB holds fewer, so none compresses against its own copy.
constexpr std::uint64_t kDifferentMax = 20'000;
constexpr std::size_t kPubackBytes = 4;
constexpr std::size_t kIdsMax = 65'535;
constexpr std::size_t kWriteBytes = 64 * 1024;
constexpr std::chrono::milliseconds kPace{1};
constexpr std::chrono::seconds kSilenceMax{30};

struct Options {
  std::uint16_t port = 0;
  std::uint64_t messages = 0;
  std::size_t payload_bytes = 200;
  std::uint64_t rate = 0;  ///< messages a second; 0: as fast as the window allows
  std::uint64_t window = 1000;
  std::uint64_t topics = 32;
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "publisher: %s\n", what.c_str());
  std::exit(1);
}

void put_u16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xFF);
}

/// A packet of type and flags `first`: its remaining length, then `body`.
std::string packet(unsigned char first, const std::string& body) {
  std::string out(1, static_cast<char>(first));
  for (std::size_t left = body.size();;) {
    const std::size_t digit = left & 0x7F;
    left >>= 7;
    out += static_cast<char>(left > 0 ? digit | 0x80 : digit);
    if (left == 0) return out + body;
  }
}

/// A PUBLISH with QoS 1 whose packet identifier is still to be written at `id_at`.
struct Template {
  std::string bytes;
  std::size_t id_at;
};

std::vector<Template> templates(const Options& options, std::uint64_t& payload_bytes) {
  std::mt19937 engine(7);
  std::vector<Template> all;
  for (std::uint64_t i = 0; i < std::min(options.messages, kDifferentMax); ++i) {
    const std::string topic = "plant/" + std::to_string(i % options.topics) + "/telemetry";
    const std::string payload = telemetry_payload(engine, options.payload_bytes);
    std::string body;
    put_u16(body, topic.size());
    body += topic;
    put_u16(body, 0);
    std::string publish = packet(0x32, body + payload);
    const std::size_t id_at = publish.size() - payload.size() - 2;
    all.push_back({std::move(publish), id_at});
    payload_bytes += payload.size();
  }
  payload_bytes = payload_bytes / all.size() * options.messages;
  return all;
}

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("cannot connect");
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::string hello;
    put_u16(hello, 4);
    hello += "MQTT\x04\x02";  // 3.1.1, clean session
    put_u16(hello, 0);        // no keep-alive
    put_u16(hello, 0);        // no client identifier
    const std::string bytes = packet(0x10, hello);
    std::array<char, 4> connack{};
    if (send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()) ||
        recv(socket_, connack.data(), connack.size(), MSG_WAITALL) != static_cast<ssize_t>(connack.size()) ||
        connack[3] != 0) {
      die("the broker refused the connection");
    }
    fcntl(socket_, F_SETFL, O_NONBLOCK);
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  /// Takes out what could be written.
  void write(std::string& bytes) const {
    const ssize_t put = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN) die("the connection broke");
    if (put > 0) bytes.erase(0, static_cast<std::size_t>(put));
  }
  /// How many bytes of PUBACKs have come.
  [[nodiscard]] std::size_t read() const {
    std::array<char, kWriteBytes> acks{};
    const ssize_t got = recv(socket_, acks.data(), acks.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) die("the broker closed the connection");
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

 private:
  int socket_;
};

/// Readable every kPace.
int make_pacer() {
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  const timespec pace{0, std::chrono::nanoseconds(kPace).count()};
  const itimerspec every{pace, pace};
  timerfd_settime(timer, 0, &every, nullptr);
  return timer;
}

double seconds(Clock::time_point time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

void publish(const Options& options) {
  std::uint64_t payload_bytes = 0;
  std::vector<Template> pool = templates(options, payload_bytes);
  const Connection broker(options.port);
  const int pacer = options.rate > 0 ? make_pacer() : -1;
  std::uint64_t sent = 0;
  std::uint64_t ack_bytes = 0;
  std::string out;
  const auto first = Clock::now();
  while (ack_bytes < options.messages * kPubackBytes) {
    std::uint64_t due = std::min(options.messages, ack_bytes / kPubackBytes + options.window);
    if (options.rate > 0) {
      const double passed = std::chrono::duration<double>(Clock::now() - first).count();
      due = std::min(due, static_cast<std::uint64_t>(passed * static_cast<double>(options.rate)) + 1);
    }
    for (; sent < due && out.size() < kWriteBytes; ++sent) {
      Template& next = pool[sent % pool.size()];
      const std::size_t id = 1 + sent % kIdsMax;
      next.bytes[next.id_at] = static_cast<char>(id >> 8);
      next.bytes[next.id_at + 1] = static_cast<char>(id & 0xFF);
      out += next.bytes;
    }
    if (!out.empty()) broker.write(out);
    const short events = static_cast<short>(POLLIN | (out.empty() ? 0 : POLLOUT));
    std::array<pollfd, 2> polled{{{broker.socket(), events, 0}, {pacer, POLLIN, 0}}};
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kSilenceMax).count();
    if (poll(polled.data(), polled.size(), static_cast<int>(patience)) == 0) die("the broker has fallen silent");
    if (polled[1].revents != 0) {
      std::uint64_t ticks = 0;
      if (::read(pacer, &ticks, sizeof ticks) < 0) die("no timer");
    }
    if (polled[0].revents != 0) ack_bytes += broker.read();
  }
  std::printf("{\"messages\": %llu, \"payload_bytes\": %llu, \"first_s\": %.6f, \"last_s\": %.6f}\n",
              static_cast<unsigned long long>(options.messages), static_cast<unsigned long long>(payload_bytes),
              seconds(first), seconds(Clock::now()));
}

}  // namespace
}  // namespace edgeseal::test

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  edgeseal::test::Options options;
  CLI::App app("Publishes telemetry at QoS 1.");
  app.add_option("--port", options.port)->required();
  app.add_option("--messages", options.messages)->required()->check(CLI::PositiveNumber);
  app.add_option("--payload-bytes", options.payload_bytes);
  app.add_option("--rate", options.rate);
  app.add_option("--window", options.window)->check(CLI::Range(1, 65535));
  app.add_option("--topics", options.topics)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  edgeseal::test::publish(options);
  return 0;
}
