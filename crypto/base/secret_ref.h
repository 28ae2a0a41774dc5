// SPDX-License-Identifier: GPL-3.0-or-later
// The name of a secret. The name may be shown and stored; the secret itself may not.
#pragma once
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"

namespace edgeseal {

/// Where a secret is found. Options hold these, so that a printed configuration has nothing to hide.
struct SecretRef {
  enum class Source {
    credential,  ///< a systemd credential: a file of that name in $CREDENTIALS_DIRECTORY
    file,        ///< a path
    env,         ///< an environment variable
  };
  Source source = Source::file;
  std::string name;
  bool operator==(const SecretRef&) const = default;

  /// Reads it at each call: the bytes of the file or the variable without one line break at the end, at most 64 KiB.
  /// Only a regular file is read, because others could hang or never end.
  /// Fails with Kind::invalid. The error names the reference, and never the content.
  [[nodiscard]] Result<SecretBytes> read() const;
  /// The same up to the first line break. Of a password file only the first line counts.
  [[nodiscard]] Result<SecretBytes> read_line() const;
  /// A text that changes when the file is replaced or written to. Empty if nothing can change, or nothing is there.
  [[nodiscard]] std::string stamp() const;
  /// "credential broker-password", "file /etc/…", "env NAME".
  [[nodiscard]] std::string describe() const;
};

}  // namespace edgeseal
