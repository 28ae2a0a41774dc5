// SPDX-License-Identifier: GPL-3.0-or-later
// What AWS requests are signed with, and where it comes from. One file a provider.
#pragma once
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"

namespace edgeseal::transport {

struct AwsCredentials {
  std::string access_key_id;  ///< not secret: it stands in each request
  SecretBytes secret_access_key;
  SecretBytes session_token;  ///< empty for long-lived credentials
};

class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  /// Reads them afresh each time, so that asking again is how to refresh. Any number of threads.
  /// Fails with Kind::sink_refused when they cannot be read or are incomplete, naming variable, file and profile, never
  /// a value.
  [[nodiscard]] virtual Result<AwsCredentials> get() = 0;
  /// Changes when what `get` reads may have changed. Reads no secret. Any number of threads.
  [[nodiscard]] virtual std::string stamp() const { return {}; }
};

}  // namespace edgeseal::transport
