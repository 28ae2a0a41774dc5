// SPDX-License-Identifier: GPL-3.0-or-later
// The keys of tests/vectors/keys, made by openssl.
#pragma once
#include <string>

#include "crypto/base/bytes.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::crypto {

inline Bytes key_file(const std::string& name) {
  const std::string content = test::read_file(test::source_dir() + "/tests/vectors/keys/" + name);
  return {content.begin(), content.end()};
}

inline constexpr std::string_view kKmsKeyArn =
    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// What `aws kms get-public-key` prints for that key.
inline std::string kms_json(ByteView der, const std::string& usage = "ENCRYPT_DECRYPT",
                            const std::string& key_id = std::string(kKmsKeyArn)) {
  return "{\n    \"KeyId\": \"" + key_id + "\",\n    \"PublicKey\": \"" + to_base64(der) +
         "\",\n    \"CustomerMasterKeySpec\": \"RSA_2048\",\n    \"KeySpec\": \"RSA_2048\",\n    \"KeyUsage\": \"" +
         usage +
         "\",\n    \"EncryptionAlgorithms\": [\n        \"RSAES_OAEP_SHA_1\",\n        \"RSAES_OAEP_SHA_256\"\n" +
         "    ]\n}\n";
}

}  // namespace edgeseal::crypto
