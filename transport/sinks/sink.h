// SPDX-License-Identifier: GPL-3.0-or-later
// Where sealed batches go.
#pragma once
#include <cstdint>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"

namespace edgeseal::transport {

/// A sealed batch as a sink sees it: the ciphertext, and what its name may say. Borrows `bytes`.
struct SealedObject {
  ByteView bytes;
  Digest digest;  ///< SHA-256 of `bytes`
  std::string gateway;
  RouteName route;
  Sequence sequence;
  BatchId batch;
  bool journal = false;  ///< a journal object: its name ends in .esdks
  WallTime sealed;       ///< {date} and {hour} of the name come from here, so that a retry has the same name
};

class Sink {
 public:
  virtual ~Sink() = default;
  /// Hands over the object. Success means that the far side holds every byte durably, as far as it can promise that.
  /// Delivering the same object again is harmless, because it gets the same name and the same content.
  /// Fails with the Kind that says what the caller does next: transient, overloaded, unauthorised, batch_refused,
  /// batch_doubtful or sink_refused.
  /// Threads: several may call it at once. It takes no longer than the sink's own time-out.
  [[nodiscard]] virtual Result<void> deliver(const SealedObject& object) = 0;
  /// Whether the sink's credentials have changed since deliver() was refused because of them. Then a pause ends early.
  /// It must be cheap, because it is asked about once per second while the sink pauses.
  /// Threads: several may call it at once, also beside deliver().
  [[nodiscard]] virtual bool renewed() const { return false; }
};

}  // namespace edgeseal::transport
