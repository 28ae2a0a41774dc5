// SPDX-License-Identifier: GPL-3.0-or-later
// The options of a public key.
#pragma once
#include <filesystem>
#include <string>

#include "crypto/base/oaep_hash.h"

namespace edgeseal::crypto {

/// The form of an encrypted data key (EDK); docs/batch-format.md shows both.
enum class WrapForm {
  aws_kms_rsa,  ///< provider "aws-kms-rsa", info = key ARN; the digest of the encryption context is wrapped with the
                ///< key
  raw_rsa,      ///< provider = a namespace of yours, info = a key name; what a Raw RSA keyring opens
};

struct KeyOptions {
  std::string id{};              ///< its name under `keys:`
  std::filesystem::path file{};  ///< DER SubjectPublicKeyInfo, PEM, or the JSON of `aws kms get-public-key`
  std::string pin{};             ///< "sha256:<hex of the DER>"; empty: not pinned
  WrapForm wrap = WrapForm::aws_kms_rsa;
  std::string kms_key{};                   ///< key ARN; empty: taken from the JSON's KeyId
  std::string key_namespace = "edgeseal";  ///< raw_rsa: provider id
  std::string name{};                      ///< raw_rsa: provider info; empty: `id`
  OaepHash oaep = OaepHash::sha256;
};

}  // namespace edgeseal::crypto
