// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps everything that a source reports, for tests to look at.
#pragma once
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/process.h"
#include "transport/ingest/source.h"

namespace edgeseal::test {

/// Threads: any. The getters return copies.
class RecordingListener final : public transport::SourceListener {
 public:
  void on_message(transport::ArrivalNumber number, transport::Message message) override {
    const std::lock_guard lock(mutex_);
    numbers_.push_back(number);
    messages_.push_back(std::move(message));
    if (releasing_ != nullptr) releasing_->release(number);
  }
  void on_connected(std::uint64_t, bool session_present) override {
    const std::lock_guard lock(mutex_);
    if (std::exchange(fails_next_connected_, false)) throw std::bad_alloc();
    connected_.push_back(session_present);
  }
  void on_disconnected(const std::string& why) override {
    const std::lock_guard lock(mutex_);
    disconnected_.push_back(why);
  }
  void on_shortfalls(const std::vector<transport::Shortfall>& all) override {
    const std::lock_guard lock(mutex_);
    shortfalls_.clear();
    for (const auto& each : all) shortfalls_.push_back(each.what + ": " + each.asked + ", " + each.granted);
    ++shortfalls_told_;
  }

  void on_subscriptions(const std::vector<std::string>& all) override {
    const std::lock_guard lock(mutex_);
    subscriptions_ = all;
  }
  void on_acknowledged(transport::ArrivalNumber number) override {
    const std::lock_guard lock(mutex_);
    acknowledged_.push_back(number);
  }
  void on_dropped(const std::string& topic, transport::Qos0Loss /*why*/) override {
    const std::lock_guard lock(mutex_);
    dropped_.push_back(topic);
  }

  void on_too_large(transport::ArrivalNumber number, const std::string& topic, std::uint64_t bytes) override {
    const std::lock_guard lock(mutex_);
    numbers_.push_back(number);
    too_large_.push_back(std::to_string(number) + " " + topic + " " + std::to_string(bytes));
    if (releasing_ != nullptr) releasing_->release(number);
  }

  void on_broker_dropped(std::uint64_t total) override {
    const std::lock_guard lock(mutex_);
    broker_dropped_.push_back(total);
  }

  /// Memory will run out while it is told of the next connection.
  void fail_next_connected() {
    const std::lock_guard lock(mutex_);
    fails_next_connected_ = true;
  }
  /// From now on each message is released when it comes, as if committed at once.
  void release_at_once(transport::Source& source) {
    const std::lock_guard lock(mutex_);
    releasing_ = &source;
    if (!numbers_.empty()) source.release(numbers_.back());
  }

  [[nodiscard]] std::vector<transport::Message> messages() const { return copy(messages_); }
  [[nodiscard]] std::vector<transport::ArrivalNumber> numbers() const { return copy(numbers_); }
  /// A connection each: whether the broker had the session.
  [[nodiscard]] std::vector<bool> connected() const { return copy(connected_); }
  [[nodiscard]] std::vector<std::string> disconnected() const { return copy(disconnected_); }
  /// "WHAT: ASKED, GRANTED" each, as last told.
  [[nodiscard]] std::vector<std::string> shortfalls() const { return copy(shortfalls_); }
  [[nodiscard]] int shortfalls_told() const {
    const std::lock_guard lock(mutex_);
    return shortfalls_told_;
  }
  /// What the session may hold, as last told; empty before.
  [[nodiscard]] std::vector<std::string> subscriptions() const { return copy(subscriptions_); }
  [[nodiscard]] std::vector<transport::ArrivalNumber> acknowledged() const { return copy(acknowledged_); }
  [[nodiscard]] std::vector<std::string> dropped() const { return copy(dropped_); }
  [[nodiscard]] std::vector<std::uint64_t> broker_dropped() const { return copy(broker_dropped_); }
  /// "NUMBER TOPIC BYTES" each.
  [[nodiscard]] std::vector<std::string> too_large() const { return copy(too_large_); }
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> texts;
    for (const transport::Message& each : messages()) texts.emplace_back(as_text(each.payload));
    return texts;
  }

  [[nodiscard]] bool has_messages(std::size_t count) const {
    return eventually([&] { return size(messages_) >= count; });
  }
  [[nodiscard]] bool has_connected(std::size_t count) const {
    return eventually([&] { return size(connected_) >= count; });
  }
  [[nodiscard]] bool has_disconnected(std::size_t count) const {
    return eventually([&] { return size(disconnected_) >= count; });
  }

 private:
  template <typename T>
  std::vector<T> copy(const std::vector<T>& values) const {
    const std::lock_guard lock(mutex_);
    return values;
  }
  template <typename T>
  std::size_t size(const std::vector<T>& values) const {
    const std::lock_guard lock(mutex_);
    return values.size();
  }

  mutable std::mutex mutex_;
  transport::Source* releasing_ = nullptr;
  std::vector<transport::Message> messages_;
  std::vector<transport::ArrivalNumber> numbers_;
  std::vector<bool> connected_;
  std::vector<std::string> disconnected_;
  std::vector<std::string> shortfalls_;
  int shortfalls_told_ = 0;
  std::vector<std::string> subscriptions_;
  bool fails_next_connected_ = false;
  std::vector<transport::ArrivalNumber> acknowledged_;
  std::vector<std::string> dropped_;
  std::vector<std::string> too_large_;
  std::vector<std::uint64_t> broker_dropped_;
};

}  // namespace edgeseal::test
