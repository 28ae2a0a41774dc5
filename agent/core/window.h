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
  /// Whether a commit is worth starting at once.
  [[nodiscard]] bool filled_by(std::uint64_t waiting) const { return waiting > 0 && waiting >= enough(); }
  /// How many messages more until then; at least 1.
  [[nodiscard]] std::uint64_t missing_from(std::uint64_t waiting) const {
    return enough() > waiting ? enough() - waiting : 1;
  }
  [[nodiscard]] std::uint64_t window() const { return window_; }

 private:
  /// A small window comes faster than a disk syncs: the fewer commits, the better. Of a large one half, so that the
  /// broker goes on sending while the first half is committed.
  [[nodiscard]] std::uint64_t enough() const { return window_ <= kSmallWindow ? window_ : (window_ + 1) / 2; }

  static constexpr std::uint64_t kSmallWindow = 64;
  std::uint64_t bound_;
  std::uint64_t window_;
  std::uint64_t silent_at_ = 0;
};

}  // namespace edgeseal::agent
