// SPDX-License-Identifier: GPL-3.0-or-later
// Plain TCP: to a broker, and from a client in this process.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "crypto/base/result.h"
#include "transport/ingest/stream.h"

namespace edgeseal::transport {

/// A connected, non-blocking socket.
class TcpStream final : public Stream {
 public:
  explicit TcpStream(Descriptor socket) : socket_(std::move(socket)) {}
  [[nodiscard]] Result<Transfer> read(MutableByteView out) override;
  [[nodiscard]] Result<Transfer> write(ByteView bytes) override;
  [[nodiscard]] int descriptor() const override { return socket_.number(); }

 private:
  Descriptor socket_;
};

/// Waits until `descriptor` is ready for `events` (poll's), or `wake` is readable, or the time is up.
/// True only if the descriptor is ready.
[[nodiscard]] bool wait_for(int descriptor, short events, int wake, std::chrono::steady_clock::time_point deadline);

/// Resolves `host` and connects to the first of its addresses that answers. It ends early when `wake` becomes readable;
/// only a running name look-up cannot be ended. Later, bytes that are not confirmed for `unconfirmed_max` break the
/// connection. Fails with Kind::transient and the reason.
[[nodiscard]] Result<Descriptor> connect_tcp(const std::string& host, std::uint16_t port, int wake,
                                             std::chrono::steady_clock::time_point deadline,
                                             std::chrono::milliseconds unconfirmed_max);

/// A listener on 127.0.0.1 that takes one connection, which must come from this process.
class LoopbackListener {
 public:
  /// On a port of the kernel's choice. Fails with Kind::fault.
  [[nodiscard]] static Result<LoopbackListener> open();
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Waits for a connection from this process and stops listening then: the port refuses every other. A connection from
  /// another process is closed at once, unread.
  ///
  /// How it knows: of the two ends of a connection on loopback, each is a socket of some process, and no two sockets
  /// have the same pair of addresses. If the other end of what was accepted is among this process's own descriptors, no
  /// other process made it (short of having been handed that descriptor by us, which nothing here does). That needs no
  /// secret that could leak, and no permission.
  ///
  /// Fails with Kind::transient when `wake` becomes readable or the time is up.
  [[nodiscard]] Result<Descriptor> accept_own(int wake, std::chrono::steady_clock::time_point deadline);

 private:
  LoopbackListener(Descriptor socket, std::uint16_t port) : socket_(std::move(socket)), port_(port) {}
  Descriptor socket_;
  std::uint16_t port_ = 0;
};

}  // namespace edgeseal::transport
