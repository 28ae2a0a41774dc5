// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/copies.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "agent/batch/batch_layout.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {
namespace {

/// What is equal in messages that are equal, with no way to read it in two ways.
class Head {
 public:
  explicit Head(const transport::Message& message) {
    const MessageProperties& properties = message.properties;
    add(message.topic);
    add(properties.user.size());
    for (const auto& [name, value] : properties.user) {
      add(name);
      add(value);
    }
    layout::for_each_property(properties, [this](const auto& property, const auto& value) {
      if (!property.is_the_senders) return;
      add(property.key);
      add(value);
    });
  }
  [[nodiscard]] ByteView bytes() const { return bytes_; }

 private:
  void add(std::size_t number) {
    std::array<std::uint8_t, sizeof number> bytes{};
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(number);
      number >>= 8;
    }
    append(bytes_, bytes);
  }
  void add(ByteView bytes) {
    add(bytes.size());
    append(bytes_, bytes);
  }
  void add(std::string_view text) { add(as_bytes(text)); }
  void add(const std::string& text) { add(as_bytes(text)); }

  PlainBytes bytes_;
};

}  // namespace

Result<bool> Copies::is_copy(const transport::Message& message) {
  if (message.subscription_ids.empty()) {
    end_run();
    return false;
  }
  auto head = fingerprinter_.of(Head(message).bytes());
  if (!head) return failed(head);
  auto payload = fingerprinter_.of(message.payload);
  if (!payload) return failed(payload);
  const Run run{message.connection, message.qos, message.retain, *head, *payload};
  const std::set<std::uint32_t> ids(message.subscription_ids.begin(), message.subscription_ids.end());
  const bool goes_on = run_ == run && std::ranges::none_of(ids, [this](std::uint32_t id) { return ids_.contains(id); });
  if (!goes_on) {
    run_ = run;
    ids_.clear();
  }
  ids_.insert(ids.begin(), ids.end());
  return goes_on;
}

}  // namespace edgeseal::agent
