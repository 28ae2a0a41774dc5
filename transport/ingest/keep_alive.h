// SPDX-License-Identifier: GPL-3.0-or-later
// Pings a broker that wants to hear from us more often than the client was told. Pure: no socket, no clock of its own.
// Source: MQTT 5.0 (OASIS) sections 3.1.2.10 (Keep Alive) and 3.2.2.3.14 (Server Keep Alive). Paho C 1.3.12 reads the
// latter and goes on with its own.
#pragma once
#include <chrono>
#include <optional>

namespace edgeseal::transport {

/// Threads: one at a time.
class KeepAlive {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// From now on a ping is due when nothing has been written for three quarters of `interval`. The broker itself waits
  /// for one and a half intervals. Zero: no ping is ever due.
  void begin(std::chrono::milliseconds interval, Time now) {
    if (interval == interval_) return;
    interval_ = interval;
    written_ = now;
  }
  void on_written(Time now) { written_ = now; }
  /// Something has come, so the broker lives.
  void on_heard() { pinged_.reset(); }
  void on_pinged(Time now) {
    written_ = now;
    if (!pinged_) pinged_ = now;
  }

  [[nodiscard]] bool ping_due(Time now) const { return running() && now >= written_ + interval_ * 3 / 4; }
  /// Whether a ping has had no answer for one and a half intervals, and nothing else has come.
  [[nodiscard]] bool broker_is_gone(Time now) const {
    return running() && pinged_ && now >= *pinged_ + interval_ * 3 / 2;
  }
  /// When the caller should ask again.
  [[nodiscard]] std::optional<Time> deadline() const {
    if (!running()) return std::nullopt;
    return written_ + interval_ * 3 / 4;
  }

 private:
  [[nodiscard]] bool running() const { return interval_ > interval_.zero(); }
  std::chrono::milliseconds interval_{0};
  Time written_;
  std::optional<Time> pinged_;  ///< the first ping since anything was heard
};

}  // namespace edgeseal::transport
