// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/private_key_files.h"

#include "agent/owner/inputs.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

Result<std::vector<crypto::PrivateKey>> read_private_keys(const std::vector<std::string>& paths) {
  constexpr std::size_t kFileBytesMax = 64 * 1024;
  std::vector<crypto::PrivateKey> keys;
  for (const std::string& path : paths) {
    PlainBytes content;
    auto read = file_input(path, path).read([&](ByteView piece) -> Result<void> {
      append(content, piece);
      if (content.size() > kFileBytesMax) return fail(Kind::invalid, "over 64 KiB: not a private key", path);
      return {};
    });
    if (!read) return failed(read, "private key");
    auto key = crypto::PrivateKey::parse(content);
    if (!key) {
      key.error().where = path;
      return failed(key);
    }
    keys.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace edgeseal::agent
