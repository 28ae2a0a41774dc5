// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/algorithm_suites.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/wire.h"

namespace edgeseal::crypto {
namespace {

struct Suite {
  std::uint16_t id;
  std::string_view name;
};

constexpr std::array kSuites{
    Suite{0x0014, "ALG_AES_128_GCM_IV12_TAG16_NO_KDF"},
    Suite{0x0046, "ALG_AES_192_GCM_IV12_TAG16_NO_KDF"},
    Suite{0x0078, "ALG_AES_256_GCM_IV12_TAG16_NO_KDF"},
    Suite{0x0114, "ALG_AES_128_GCM_IV12_TAG16_HKDF_SHA256"},
    Suite{0x0146, "ALG_AES_192_GCM_IV12_TAG16_HKDF_SHA256"},
    Suite{0x0178, "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256"},
    Suite{0x0214, "ALG_AES_128_GCM_IV12_TAG16_HKDF_SHA256_ECDSA_P256"},
    Suite{0x0346, "ALG_AES_192_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384"},
    Suite{0x0378, "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384"},
    Suite{0x0478, "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY"},
    Suite{0x0578, "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384"},
};

}  // namespace

std::string describe_suite(std::uint16_t suite) {
  Bytes id;
  WireWriter(id).u16(suite);
  const std::string text = "0x" + to_hex(id);
  const auto* found = std::find_if(kSuites.begin(), kSuites.end(), [suite](const Suite& s) { return s.id == suite; });
  return found == kSuites.end() ? text + ", which is unknown" : text + " " + std::string(found->name);
}

}  // namespace edgeseal::crypto
