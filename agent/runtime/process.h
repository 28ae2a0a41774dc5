// SPDX-License-Identifier: GPL-3.0-or-later
// What concerns the process as a whole: its signals, its memory, its machine.
#pragma once
#include <string>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"

namespace edgeseal::agent {

/// Keeps the process's memory to itself: no core dumps, no tracing by others than root. Call first in main().
void protect_memory();

/// Keeps the heap's large blocks for the next batch instead of giving each back to the kernel, whose fresh pages cost
/// more than sealing them. What is freed is wiped all the same (crypto/base/wiping_free.cpp). Call next in main().
void tune_heap();

/// The kernel's boot id (random(4)).
[[nodiscard]] Result<BootId> boot_id();

/// SIGTERM and SIGINT, turned into something that a loop can poll. Make one before any thread starts, so that all
/// threads have them blocked.
class StopSignals {
 public:
  [[nodiscard]] static Result<StopSignals> create();
  StopSignals(StopSignals&& other) noexcept;
  StopSignals& operator=(StopSignals&&) = delete;
  ~StopSignals();
  /// Readable once a signal has come.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// "SIGTERM" or "SIGINT" when one has come; empty otherwise. Does not wait.
  [[nodiscard]] std::string take() const;

 private:
  explicit StopSignals(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace edgeseal::agent
