// SPDX-License-Identifier: GPL-3.0-or-later
// Whether what a configuration names on this machine is there and can be used: one look for `check` and for `run`.
#pragma once
#include <vector>

#include "config/options.h"
#include "crypto/base/result.h"

namespace edgeseal::agent {

struct Probed {
  /// `check` fails and `run` does not start, for nothing comes right by itself: files for TLS that cannot be read or do
  /// not fit together, a password file that cannot be read, a sink's options that cannot be used.
  std::vector<Error> refused;
  /// Handed to the service alone, by systemd: a credential or an environment variable with a password that this process
  /// does not have. `run` does not start; `check`, which people run beside the service, warns.
  std::vector<Error> withheld;
  /// `run` starts and waits for it, for somebody may yet bring it: a sink's folder, its medium, AWS credentials.
  /// `check` warns.
  std::vector<Error> awaited;
};

/// Reads the files and variables that `options` names, public keys excepted (key_files.h), and connects to nothing.
/// Secrets are read and wiped. Each Error names the setting and the file. Any thread.
[[nodiscard]] Probed probe(const config::Options& options);

}  // namespace edgeseal::agent
