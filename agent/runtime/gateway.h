// SPDX-License-Identifier: GPL-3.0-or-later
// Builds every part of the daemon in order, owns them, and takes them down in the reverse of it.
#pragma once
#include <filesystem>
#include <vector>

#include "agent/runtime/log.h"
#include "agent/runtime/process.h"
#include "config/options.h"
#include "crypto/base/result.h"
#include "crypto/keys/key_set.h"

namespace edgeseal::agent {

/// The bytes of a public-key file; Kind::invalid when it cannot be read.
[[nodiscard]] Result<Bytes> read_key_file(const std::filesystem::path& path);

/// Reads and checks the key files that the options name. All problems, one Error each; none when all are fine.
struct LoadedKeys {
  crypto::KeySet keys;  ///< in the order of the options
  std::vector<Error> problems;
};
[[nodiscard]] LoadedKeys load_keys(const std::vector<crypto::KeyOptions>& options);

/// Runs until SIGTERM or SIGINT. Fails with Kind::invalid when the configuration or a key cannot work (exit 78), with
/// any other kind when running failed (exit 1). Blocks; call on the main thread, before any other thread exists.
[[nodiscard]] Result<void> run_gateway(const config::Options& options, Log& log);

}  // namespace edgeseal::agent
