// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/tcp_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace edgeseal::transport {
namespace {

using Deadline = std::chrono::steady_clock::time_point;
constexpr int kBacklog = 8;

std::string system_reason(int number) { return std::strerror(number); }

bool would_block(int number) { return number == EAGAIN || number == EWOULDBLOCK || number == EINTR; }

void set_option(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);
}

Result<Descriptor> connect_to(const addrinfo& address, int wake, Deadline deadline) {
  Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return fail(Kind::transient, system_reason(errno));
  if (connect(socket.number(), address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return fail(Kind::transient, system_reason(errno));
    if (!wait_for(socket.number(), POLLOUT, wake, deadline)) return fail(Kind::transient, "no answer in time");
    int problem = 0;
    socklen_t size = sizeof problem;
    getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem != 0) return fail(Kind::transient, system_reason(problem));
  }
  return socket;
}

bool same(const sockaddr_in& a, const sockaddr_in& b) {
  return a.sin_family == b.sin_family && a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
}

template <typename Get>
sockaddr_in address_by(Get get, int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (get(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) address.sin_family = AF_UNSPEC;
  return address;
}

/// By opendir, since std::filesystem ends the process when it finds no memory.
bool other_end_is_ours(int accepted) {
  const sockaddr_in here = address_by(getsockname, accepted);
  const sockaddr_in there = address_by(getpeername, accepted);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
  while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
    const int descriptor = std::atoi(entry->d_name);
    if (same(address_by(getsockname, descriptor), there) && same(address_by(getpeername, descriptor), here))
      return true;
  }
  return false;
}

}  // namespace

bool wait_for(int descriptor, short events, int wake, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    std::array<pollfd, 2> polled{{{descriptor, events, 0}, {wake, POLLIN, 0}}};
    const int ready = poll(polled.data(), polled.size(), static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && polled[1].revents == 0;
  }
}

Result<Transfer> TcpStream::read(MutableByteView out) {
  const ssize_t got = recv(socket_.number(), out.data(), out.size(), 0);
  if (got > 0) return Transfer{.bytes = static_cast<std::size_t>(got)};
  if (got == 0) return Transfer{.bytes = 0, .closed = true};
  if (would_block(errno)) return Transfer{};
  return fail(Kind::transient, system_reason(errno));
}

Result<Transfer> TcpStream::write(ByteView bytes) {
  const ssize_t put = send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (put >= 0) return Transfer{.bytes = static_cast<std::size_t>(put)};
  if (would_block(errno)) return Transfer{};
  return fail(Kind::transient, system_reason(errno));
}

Result<Descriptor> connect_tcp(const std::string& host, std::uint16_t port, int wake, Deadline deadline,
                               std::chrono::milliseconds unconfirmed_max) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int problem = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); problem != 0) {
    return fail(Kind::transient, std::string("no address: ") + gai_strerror(problem));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  Result<Descriptor> socket = fail(Kind::transient, "no address");
  for (const addrinfo* address = found; address != nullptr && !socket; address = address->ai_next) {
    socket = connect_to(*address, wake, deadline);
  }
  if (!socket) return socket;
  set_option(socket->number(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket->number(), IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(unconfirmed_max.count()));
  return socket;
}

Result<LoopbackListener> LoopbackListener::open() {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket.number() < 0 || bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(socket.number(), kBacklog) != 0) {
    return fail(Kind::fault, "cannot listen on loopback: " + system_reason(errno), "127.0.0.1");
  }
  const std::uint16_t port = ntohs(address_by(getsockname, socket.number()).sin_port);
  return LoopbackListener(std::move(socket), port);
}

Result<Descriptor> LoopbackListener::accept_own(int wake, Deadline deadline) {
  while (wait_for(socket_.number(), POLLIN, wake, deadline)) {
    Descriptor accepted(accept4(socket_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.number() < 0 || !other_end_is_ours(accepted.number())) continue;
    socket_.reset();
    set_option(accepted.number(), IPPROTO_TCP, TCP_NODELAY, 1);
    return accepted;
  }
  return fail(Kind::transient, "the client did not connect to its gate in time");
}

}  // namespace edgeseal::transport
