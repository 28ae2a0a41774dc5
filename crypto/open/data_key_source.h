// SPDX-License-Identifier: GPL-3.0-or-later
// Where the data key of a message comes from: private keys at hand, KMS, several of these in turn.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"
#include "crypto/envelope/encryption_context.h"
#include "crypto/envelope/encryption_materials.h"

namespace edgeseal::crypto {

class DataKeySource {
 public:
  virtual ~DataKeySource() = default;
  /// The 32-byte data key that one of `edks` wraps, for the encryption context that stands beside them. EDKs of others
  /// are passed over. Fails with Refusal::no_key when none opens, Refusal::context_digest when one was wrapped for
  /// another context, Refusal::too_large when too many would have to be tried. Neither argument is authenticated yet.
  /// Any thread, unless the implementation says otherwise.
  [[nodiscard]] virtual Result<SecretBytes> data_key(const std::vector<Edk>& edks,
                                                     const EncryptionContext::Pairs& context) = 0;
};

/// Pair count, then the pairs sorted by key; zero bytes when there are none (structures.md, Serialization). Takes what
/// a message holds, unlike EncryptionContext::serialise, which takes only what a message of ours may hold.
[[nodiscard]] Bytes serialise_pairs(const EncryptionContext::Pairs& pairs);

/// The data key in the plaintext of an EDK: all of it, or, when `provider_id` is aws-kms-rsa, what follows the SHA-384
/// of the context. Nothing when the plaintext has another size. Refusal::context_digest when the digest differs.
/// Source: AWS KMS RSA keyring specification, OnDecrypt; Raw RSA keyring specification.
[[nodiscard]] Result<std::optional<SecretBytes>> data_key_in(const SecretBytes& plaintext,
                                                             const std::string& provider_id,
                                                             const EncryptionContext::Pairs& context);

/// The names of the first few, for errors: "aws-kms-rsa arn:…, edgeseal mine-2026, and 3 more". Printable ASCII.
[[nodiscard]] std::string describe_edks(const std::vector<Edk>& edks);

/// Asks another source, and gives its last answer again while the question stays the same: the frames of a journal
/// share their EDKs, so one RSA operation or KMS call serves them all. Borrows `inner`. Threads: one at a time.
class RememberedDataKey final : public DataKeySource {
 public:
  explicit RememberedDataKey(DataKeySource& inner) : inner_(inner) {}
  [[nodiscard]] Result<SecretBytes> data_key(const std::vector<Edk>& edks,
                                             const EncryptionContext::Pairs& context) override;

 private:
  DataKeySource& inner_;
  std::vector<Edk> edks_;
  EncryptionContext::Pairs context_;
  SecretBytes key_;
};

}  // namespace edgeseal::crypto
