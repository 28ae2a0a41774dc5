// SPDX-License-Identifier: GPL-3.0-or-later
// What AWS requests are signed with, and where it comes from. Each provider has a file of its own.
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
  /// Reads them again at each call, so a caller refreshes them by asking again.
  /// Fails with Kind::sink_refused when they cannot be read or are incomplete. The error names the variable, or the
  /// file and the profile, but never a value. Threads: any number.
  [[nodiscard]] virtual Result<AwsCredentials> get() = 0;
  /// A text that changes when what `get` reads may have changed. Reads no secret. Threads: any number.
  [[nodiscard]] virtual std::string stamp() const { return {}; }
};

}  // namespace edgeseal::transport
