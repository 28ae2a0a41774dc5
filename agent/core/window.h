// SPDX-License-Identifier: GPL-3.0-or-later
// How many messages a broker sends before it waits for acknowledgements, found out by watching: nobody configures it.
#pragma once
#include <cstdint>
#include <optional>

namespace edgeseal::agent {

/// Begins with what we ask the broker not to exceed (receive maximum). A broker with a smaller window (stock mosquitto:
/// 20) shows it by falling silent at the same count again and again; one that sends more than was thought, by doing so.
/// Pure. Threads: one at a time.
class WindowEstimate {
 public:
  explicit WindowEstimate(std::uint32_t receive_maximum) : bound_(receive_maximum), window_(receive_maximum) {}

  /// One more message has come; `waiting` now wait for their acknowledgement.
  void on_arrival(std::uint64_t waiting) {
    if (waiting > window_) window_ = bound_;
  }
  /// `waiting` messages wait, and the broker has been silent for a while. Twice the same count: that is its window.
  void on_silence(std::uint64_t waiting) {
    if (waiting == silent_at_) window_ = waiting;
    silent_at_ = waiting;
  }
  /// Whether a commit is worth starting at once. At half the window, so that the broker goes on sending meanwhile.
  [[nodiscard]] bool filled_by(std::uint64_t waiting) const { return waiting > 0 && waiting * 2 >= window_; }
  /// How many messages more until then; at least 1.
  [[nodiscard]] std::uint64_t missing_from(std::uint64_t waiting) const {
    const std::uint64_t enough = (window_ + 1) / 2;
    return enough > waiting ? enough - waiting : 1;
  }
  [[nodiscard]] std::uint64_t window() const { return window_; }

 private:
  std::uint64_t bound_;
  std::uint64_t window_;
  std::uint64_t silent_at_ = 0;
};

}  // namespace edgeseal::agent
