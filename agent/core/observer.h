// SPDX-License-Identifier: GPL-3.0-or-later
// What the core tells of itself upwards: counted and logged by agent/runtime, ignored or checked by tests.
#pragma once
#include <cstdint>
#include <string_view>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"
#include "storage/spool_types.h"

namespace edgeseal::agent {

/// Called on whichever thread drives the core object; must not block or throw. Views live for the call alone.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_received(const RouteName& /*route*/) {}
  /// The broker repeated a message that is here already: acknowledged again, not stored twice.
  virtual void on_redelivered(const RouteName& /*route*/) {}
  /// The broker sent a message of this route for another of its filters: acknowledged, not stored twice.
  virtual void on_copy(const RouteName& /*route*/) {}
  /// No route's filter matches: acknowledged and counted, not stored.
  virtual void on_unrouted(std::string_view /*topic*/) {}
  /// Records of this route are gone, and the chain will say so; `records` 0: how many is not known. Not called for what
  /// a commit drops: that stands in its CommitReport.
  virtual void on_lost(const RouteName& /*route*/, storage::DropReason /*reason*/, std::uint64_t /*records*/) {}
  /// Batches of this route have outlived its ttl and are gone; the chain will say so.
  virtual void on_expired(const RouteName& /*route*/, std::uint64_t /*batches*/) {}
  /// What has outlived its ttl could not be dropped; tried again at `next_try`.
  virtual void on_expiry_held(const Error& /*why*/, MonotonicTime /*next_try*/) {}
  virtual void on_delivered(const SinkName& /*sink*/, const storage::QueuedBatch& /*batch*/) {}
  /// The sink gets its next try at `next_try`.
  virtual void on_delivery_failed(const SinkName& /*sink*/, const storage::QueuedBatch& /*batch*/, const Error& /*why*/,
                                  MonotonicTime /*next_try*/) {}
  /// The spool could not be read, or a sink's answer not be written into it; tried again at `next_try`.
  virtual void on_spool_refused(const SinkName& /*sink*/, const Error& /*why*/, MonotonicTime /*next_try*/) {}
  virtual void on_quarantined(const SinkName& /*sink*/, const storage::QueuedBatch& /*batch*/, const Error& /*why*/) {}
};

}  // namespace edgeseal::agent
