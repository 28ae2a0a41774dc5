// SPDX-License-Identifier: GPL-3.0-or-later
// Answers `edgeseal status` on a Unix socket: one JSON object a connection, then it closes.
#pragma once
#include <functional>
#include <string>

#include "crypto/base/result.h"

namespace edgeseal::agent {

/// Threads: one at a time, the main thread's.
class StatusServer {
 public:
  /// Makes the socket at `path` (0660), taking over one that a dead process left; its folder must exist.
  /// Fails with Kind::invalid, naming the path, when it cannot, or when another process answers there.
  [[nodiscard]] static Result<StatusServer> open(const std::string& path);
  StatusServer(StatusServer&& other) noexcept;
  StatusServer& operator=(StatusServer&&) = delete;
  ~StatusServer();

  /// Readable when someone asks.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Answers one who asks, within a second in all, however slowly he reads.
  void answer(const std::function<std::string()>& json) const;

 private:
  StatusServer(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

/// What the daemon at `path` says of itself. Fails with Kind::transient when nobody answers.
[[nodiscard]] Result<std::string> ask_status(const std::string& path);

}  // namespace edgeseal::agent
