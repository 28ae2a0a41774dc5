// SPDX-License-Identifier: GPL-3.0-or-later
// TLS to a broker. tls_stream is the only user of libssl.
// Source: RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 6066 section 3 (SNI), RFC 6125 (which name to check).
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "transport/ingest/stream.h"
#include "transport/mqtt/mqtt_options.h"

namespace edgeseal::transport {

/// Certificates and keys as loaded from their files: TLS 1.2 or newer, the broker's certificate always checked.
/// OpenSSL writes without MSG_NOSIGNAL: the process ignores SIGPIPE (agent/runtime/process.cpp; Paho sets it too).
/// Threads: any, once loaded.
class TlsContext {
 public:
  /// An empty `ca` stands for the system's store. Fails with Kind::invalid when a file cannot be used, or the key is
  /// not the certificate's. The error names the file.
  [[nodiscard]] static Result<TlsContext> load(const TlsOptions& options);
  /// The same, but appends every complaint to `problems`. There is at least one when it gives nothing.
  [[nodiscard]] static std::optional<TlsContext> load(const TlsOptions& options, std::vector<Error>& problems);
  TlsContext(TlsContext&&) noexcept;
  TlsContext& operator=(TlsContext&&) noexcept;
  ~TlsContext();

  /// Shakes hands on `socket`, which is connected and non-blocking. `name` (a host name or an address) must be in the
  /// broker's certificate; a host name is sent as SNI too. Fails with Kind::transient and the reason when the broker is
  /// not who it should be, refuses us, `wake` becomes readable or the time is up.
  [[nodiscard]] Result<std::unique_ptr<Stream>> connect(Descriptor socket, const std::string& name, int wake,
                                                        std::chrono::steady_clock::time_point deadline) const;

 private:
  struct Parts;
  explicit TlsContext(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgeseal::transport
