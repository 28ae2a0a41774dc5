// SPDX-License-Identifier: GPL-3.0-or-later
// The encryption context: pairs that anyone can read and nobody can change.
// Source: AWS Encryption SDK specification, framework/structures.md and data-format/message-header.md, AAD.
#pragma once
#include <map>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::crypto {

class EncryptionContext {
 public:
  using Pairs = std::map<std::string, std::string>;  ///< sorted by the bytes of the key, as the format wants it

  /// Empty: no pairs.
  EncryptionContext() = default;
  /// Fails with Kind::invalid for an empty key, a key or value over 65,535 bytes, one that is not UTF-8, a key that
  /// begins with "aws-crypto", or more than 65,535 bytes in all.
  [[nodiscard]] static Result<EncryptionContext> create(Pairs pairs);

  [[nodiscard]] const Pairs& pairs() const { return pairs_; }

  /// Pair count, then the sorted pairs; zero bytes when empty. What the header's AAD field holds after its length, and
  /// what aws-kms-rsa takes its digest of.
  [[nodiscard]] Bytes serialise() const;

 private:
  explicit EncryptionContext(Pairs pairs) : pairs_(std::move(pairs)) {}
  Pairs pairs_;
};

}  // namespace edgeseal::crypto
