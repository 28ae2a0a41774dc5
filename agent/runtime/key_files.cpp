// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/key_files.h"

#include <fstream>
#include <iterator>
#include <utility>

namespace edgeseal::agent {

Result<Bytes> read_key_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file && !file.eof()) {
    return fail(Kind::invalid, "cannot read the public key", path.string(), "check keys.….file and the file's mode");
  }
  return bytes;
}

LoadedKeys load_keys(const std::vector<crypto::KeyOptions>& options) {
  LoadedKeys loaded;
  for (const crypto::KeyOptions& key : options) {
    auto file = read_key_file(key.file);
    auto sealing =
        file ? crypto::SealingKey::create(key, *file) : Result<crypto::SealingKey>(failed(file, "keys." + key.id));
    if (sealing) {
      loaded.keys.push_back(std::move(*sealing));
    } else {
      loaded.problems.push_back(std::move(sealing.error()));
    }
  }
  return loaded;
}

}  // namespace edgeseal::agent
