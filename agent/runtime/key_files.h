// SPDX-License-Identifier: GPL-3.0-or-later
// Public keys from the files that the configuration names.
#pragma once
#include <filesystem>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/keys/key_set.h"

namespace edgeseal::agent {

/// The bytes of a public-key file, of which it reads no more than shows that it is too long to be one. Kind::invalid
/// when it cannot be read or is no regular file (crypto/base/regular_file.h).
[[nodiscard]] Result<Bytes> read_key_file(const std::filesystem::path& path);

/// Reads and checks the key files that the options name. All problems of all keys, one Error each; none when
/// all are fine.
struct LoadedKeys {
  crypto::KeySet keys;  ///< in the order of the options
  std::vector<Error> problems;
};
[[nodiscard]] LoadedKeys load_keys(const std::vector<crypto::KeyOptions>& options);

}  // namespace edgeseal::agent
