// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/status_server.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/forms.h"

namespace edgeseal::agent {
namespace {

constexpr int kBacklog = 8;
constexpr std::chrono::seconds kAnswerMax{1};
constexpr std::size_t kAnswerBytesMax = std::size_t{4} << 20;

std::string why() { return std::generic_category().message(errno); }

/// An open socket that closes itself.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }
  void give_up_after(timeval limit) const {
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

 private:
  int descriptor_;
};

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (auto problem = config::check_socket_path(path)) return fail_form("status.socket", std::move(*problem), path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

bool connect_to(const Socket& socket, const sockaddr_un& address) {
  return connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Result<StatusServer> StatusServer::open(const std::string& path) {
  auto address = address_of(path);
  if (!address) return failed(address);
  if (connect_to(Socket(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), *address)) {
    return fail(Kind::invalid, "another process answers on the status socket", path,
                "stop it, or choose another status.socket");
  }
  struct stat left_over {};
  if (lstat(path.c_str(), &left_over) == 0 && S_ISSOCK(left_over.st_mode)) unlink(path.c_str());
  Socket listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener.get() < 0 || bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
      chmod(path.c_str(), 0660) != 0 || listen(listener.get(), kBacklog) != 0) {
    return fail(Kind::invalid, "cannot make the status socket: " + why(), path,
                "make its folder writable, or set status.socket elsewhere");
  }
  return StatusServer(listener.release(), path);
}

StatusServer::StatusServer(StatusServer&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

StatusServer::~StatusServer() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(path_.c_str());
}

void StatusServer::answer(const std::function<std::string()>& json) const {
  const Socket client(accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC));
  if (client.get() < 0) return;
  const std::string text = json() + "\n";
  const auto deadline = std::chrono::steady_clock::now() + kAnswerMax;
  for (std::size_t sent = 0; sent < text.size();) {
    pollfd ready{client.get(), POLLOUT, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0) return;  // too slow for us
    const ssize_t put = send(client.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put <= 0) return;  // whoever asked has gone
    sent += static_cast<std::size_t>(put);
  }
}

Result<std::string> ask_status(const std::string& path) {
  auto address = address_of(path);
  if (!address) return failed(address);
  const Socket server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connect_to(server, *address)) {
    return fail(Kind::transient, "no running edgeseal answers: " + why(), path, "is the service started?");
  }
  server.give_up_after({5, 0});
  std::string text;
  std::array<char, 65536> buffer{};
  ssize_t got = 0;
  while ((got = recv(server.get(), buffer.data(), buffer.size(), 0)) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kAnswerBytesMax) return fail(Kind::transient, "the answer has no end", path);
  }
  if (got < 0) return fail(Kind::transient, "the answer did not arrive: " + why(), path);
  return text;
}

}  // namespace edgeseal::agent
