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

/// Runs until SIGTERM or SIGINT. Fails with Kind::invalid when the configuration, a key or what it names on this
/// machine (probe.h) cannot work (exit 78), all of it logged; with any other kind when running failed (exit 1). A spool
/// that turns out damaged is set aside and salvaged (storage/salvage/salvage.h), and the gateway goes on. Blocks; call
/// on the main thread, before any other thread exists.
[[nodiscard]] Result<void> run_gateway(const config::Options& options, Log& log);

}  // namespace edgeseal::agent
