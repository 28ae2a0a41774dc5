// SPDX-License-Identifier: GPL-3.0-or-later
// One of the gate's two connections, with the bytes that came from it and those that go to it.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "transport/ingest/relay_buffer.h"
#include "transport/ingest/stream.h"

namespace edgeseal::transport {

/// Reads until nothing is left, and then does not read for `quiet`, so that bytes gather. So a slow side wakes the gate
/// once for many packets, and a side that streams is read without a pause. Threads: one at a time.
class RelaySide {
 public:
  using Clock = std::chrono::steady_clock;

  RelaySide(std::unique_ptr<Stream> stream, std::string name, std::chrono::microseconds quiet,
            std::size_t out_bytes = kBufferBytes)
      : out(out_bytes), stream_(std::move(stream)), name_(std::move(name)), quiet_(quiet) {}

  RelayBuffer in{kBufferBytes};
  RelayBuffer out;

  /// Why it gives no more bytes; empty while it may give some.
  [[nodiscard]] const std::string& ended() const { return ended_; }
  void end(std::string why) {
    if (ended_.empty()) ended_ = std::move(why);
  }

  /// Whether it has room for more bytes, and may have more.
  [[nodiscard]] bool wants_to_read() const { return ended_.empty() && in.room() > 0; }
  /// Reading stopped for want of room: what is left may lie inside TLS, where poll does not see it.
  [[nodiscard]] bool has_more() const { return more_ && wants_to_read(); }
  [[nodiscard]] Clock::time_point quiet_until() const { return quiet_until_; }
  void end_quiet() { quiet_until_ = {}; }

  /// Fills `in`, unless this is a quiet time.
  void read(Clock::time_point now) {
    if (!wants_to_read() || (!more_ && now < quiet_until_)) return;
    bool any = false;
    for (;;) {
      auto got = stream_->read(in.space());
      if (!got) return end("the connection to the " + name_ + " broke: " + got.error().message());
      if (got->closed) return end("the " + name_ + " closed the connection");
      in.filled(got->bytes);
      any = any || got->bytes > 0;
      more_ = in.room() == 0;
      if (more_) return;
      if (got->bytes == 0) break;
    }
    if (any) quiet_until_ = now + quiet_;
  }

  /// Writes what it takes of `out`; returns how many bytes. A broken connection shows when it is read.
  std::size_t write() {
    std::size_t written = 0;
    while (!out.empty()) {
      auto put = stream_->write(out.bytes());
      if (!put) {
        out.emptied(out.bytes().size());
        more_ = true;
      } else if (put->bytes == 0) {
        break;
      } else {
        out.emptied(put->bytes);
        written += put->bytes;
      }
    }
    return written;
  }

  /// What to wait for. A side that is neither read nor written is not looked at, not even for a hang-up, if `ignore`.
  [[nodiscard]] pollfd interest(bool reading, bool ignore) const {
    pollfd polled{stream_->descriptor(), 0, 0};
    if (reading) polled.events = static_cast<short>(polled.events | stream_->read_events());
    if (!out.empty()) polled.events = static_cast<short>(polled.events | stream_->write_events());
    if (polled.events == 0 && (ignore || !ended_.empty())) polled.fd = -1;
    return polled;
  }

  static constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;

 private:
  std::unique_ptr<Stream> stream_;
  const std::string name_;
  const std::chrono::microseconds quiet_;
  bool more_ = true;
  Clock::time_point quiet_until_;
  std::string ended_;
};

}  // namespace edgeseal::transport
