// SPDX-License-Identifier: GPL-3.0-or-later
// The name of a secret, which may be shown and stored, as against the secret, which may not.
#pragma once
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"

namespace edgeseal {

/// Where a secret stands. Options hold these, so that a printed configuration has nothing to hide.
struct SecretRef {
  enum class Source {
    credential,  ///< a systemd credential: a file of that name in $CREDENTIALS_DIRECTORY
    file,        ///< a path
    env,         ///< an environment variable
  };
  Source source = Source::file;
  std::string name;
  bool operator==(const SecretRef&) const = default;

  /// Reads it afresh: the file's or variable's bytes without one trailing line break, at most 64 KiB. Only a regular
  /// file is read, so that none hangs or never ends.
  /// Fails with Kind::invalid, naming the reference and never the content.
  [[nodiscard]] Result<SecretBytes> read() const;
  /// The same up to its first line break: a password, whatever an editor has left behind it.
  [[nodiscard]] Result<SecretBytes> read_line() const;
  /// Changes when the file is another or was written to. Empty for what cannot change, or is not there.
  [[nodiscard]] std::string stamp() const;
  /// "credential broker-password", "file /etc/…", "env NAME".
  [[nodiscard]] std::string describe() const;
};

}  // namespace edgeseal
