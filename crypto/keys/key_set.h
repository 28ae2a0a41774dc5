// SPDX-License-Identifier: GPL-3.0-or-later
// The keys that seal, and how the encrypted data key of each is written.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/keys/key_options.h"
#include "crypto/keys/public_key.h"

namespace edgeseal::crypto {

/// A key that has passed all its checks. It is a value. Threads: any may read it.
struct SealingKey {
  std::string id;  ///< its name in the configuration
  PublicKey key;
  WrapForm wrap = WrapForm::aws_kms_rsa;
  OaepHash oaep = OaepHash::sha256;
  std::string provider_id;    ///< EDK key provider id
  std::string provider_info;  ///< EDK key provider information: a key ARN, or a name

  /// Checks `file` (the content of `options.file`) against the options: a valid key, the pin, what the wrap form needs.
  /// Fails with Kind::invalid. The error names the file and the fix.
  [[nodiscard]] static Result<SealingKey> create(const KeyOptions& options, ByteView file);
  /// The same, but appends every complaint to `problems`, at least one when it gives no key.
  [[nodiscard]] static std::optional<SealingKey> create(const KeyOptions& options, ByteView file,
                                                        std::vector<Error>& problems);
};

/// The keys that seal a route's batches. Each gets an EDK, so that the private half of any one of them opens.
using KeySet = std::vector<SealingKey>;

}  // namespace edgeseal::crypto
