// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/key_files.h"

#include <utility>

#include "crypto/base/regular_file.h"

namespace edgeseal::agent {

Result<Bytes> read_key_file(const std::filesystem::path& path) {
  Bytes bytes(crypto::kPublicKeyFileBytesMax + 1);
  auto size = read_regular_file(path.string(), bytes);
  if (!size) {
    size.error().fix = "name a file that holds a public key: DER, PEM or the JSON of aws kms get-public-key";
    return failed(size, "cannot read the public key");
  }
  bytes.resize(*size);
  return bytes;
}

LoadedKeys load_keys(const std::vector<crypto::KeyOptions>& options) {
  LoadedKeys loaded;
  for (const crypto::KeyOptions& key : options) {
    auto file = read_key_file(key.file);
    if (!file) {
      loaded.problems.push_back(std::move(file).error().during("keys." + key.id));
    } else if (auto sealing = crypto::SealingKey::create(key, *file, loaded.problems)) {
      loaded.keys.push_back(std::move(*sealing));
    }
  }
  return loaded;
}

}  // namespace edgeseal::agent
