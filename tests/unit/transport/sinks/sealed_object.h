// SPDX-License-Identifier: GPL-3.0-or-later
// A sealed object for tests of sinks.
#pragma once
#include <string_view>

#include "transport/sinks/sink.h"

namespace edgeseal::transport {

/// Sequence 42 of route "telemetry", sealed 2026-11-24T09:15:03Z. `bytes` is borrowed; its digest is left zero.
inline SealedObject sealed_object(std::string_view bytes) {
  SealedObject object{.bytes = as_bytes(bytes),
                      .digest = {},
                      .gateway = "truck-017",
                      .route = {"telemetry"},
                      .sequence = {42},
                      .batch = {},
                      .sealed = {Duration{1'795'511'703'123'456}}};
  object.batch.bytes.fill(0xab);
  return object;
}

inline constexpr std::string_view kBatchHex = "abababababababababababababababab";

}  // namespace edgeseal::transport
