// SPDX-License-Identifier: GPL-3.0-or-later
// The names of algorithm suites, so that a message of another one is refused by name.
// Source: AWS Encryption SDK specification, framework/algorithm-suites.md, Supported Algorithm Suites.
#pragma once
#include <cstdint>
#include <string>

namespace edgeseal::crypto {

/// "0x0578 ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384", or "0x0479, which is unknown".
[[nodiscard]] std::string describe_suite(std::uint16_t suite);

}  // namespace edgeseal::crypto
