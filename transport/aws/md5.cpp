// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/md5.h"

#include <array>

#include <openssl/evp.h>

namespace edgeseal::transport {

std::optional<std::string> md5_hex(ByteView bytes) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) != 1) return std::nullopt;
  return to_hex(ByteView(digest).first(size));
}

}  // namespace edgeseal::transport
