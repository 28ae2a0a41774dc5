// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "crypto/open/private_key.h"

namespace edgeseal::agent {

/// Reads and parses each file; what it held is wiped. Fails with Kind::invalid, naming the file.
[[nodiscard]] Result<std::vector<crypto::PrivateKey>> read_private_keys(const std::vector<std::string>& paths);

}  // namespace edgeseal::agent
