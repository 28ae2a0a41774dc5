// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/kms_keys.h"

#include "crypto/base/ensure.h"
#include "crypto/envelope/esdk_layout.h"
#include "crypto/open/refusal.h"

namespace edgeseal::agent {
namespace {

/// Providers whose ciphertexts are not RSA's: symmetric KMS keys, their hierarchical and ECDH keyrings.
constexpr std::string_view kOtherKmsPrefix = "aws-kms";

}  // namespace

std::optional<std::string> KmsKeys::key_for(const crypto::Edk& edk) const {
  if (edk.provider_id == crypto::esdk::kKmsRsaProvider) {
    if (key_arn_ && *key_arn_ != edk.provider_info) return std::nullopt;
    return edk.provider_info;
  }
  if (edk.provider_id.starts_with(kOtherKmsPrefix)) return std::nullopt;
  return key_arn_;
}

Result<SecretBytes> KmsKeys::data_key(const std::vector<crypto::Edk>& edks,
                                      const crypto::EncryptionContext::Pairs& context) {
  using transport::KmsAlgorithm;
  std::size_t calls = 0;
  std::optional<Error> first_error;
  for (const crypto::Edk& edk : edks) {
    const auto key_arn = key_for(edk);
    if (!key_arn) continue;
    for (const KmsAlgorithm algorithm : {KmsAlgorithm::rsaes_oaep_sha_256, KmsAlgorithm::rsaes_oaep_sha_1}) {
      if (++calls > kCallsMax) {
        return crypto::refuse(crypto::Refusal::too_large,
                              "more than " + std::to_string(kCallsMax) + " calls of KMS, and no data key",
                              "name the key: --kms-key ARN");
      }
      auto plaintext = decrypt_(*key_arn, edk.ciphertext, algorithm);
      if (!plaintext) {
        const bool others_may_open = plaintext.error().kind == Kind::invalid;
        if (!others_may_open && !first_error) first_error = std::move(plaintext).error();
        if (others_may_open) continue;
        break;  // the key is refused, whatever the algorithm
      }
      auto found = crypto::data_key_in(*plaintext, edk.provider_id, context);
      if (!found) return failed(found);
      if (*found) return std::move(**found);
    }
  }
  if (first_error) return tl::unexpected<Error>(std::move(*first_error).during("ask KMS for the data key"));
  return crypto::refuse(
      crypto::Refusal::no_key,
      "KMS opens none of its " + std::to_string(edks.size()) + " encrypted data keys: " + crypto::describe_edks(edks),
      key_arn_ ? "give the ARN of a key that it was sealed for (--kms-key)"
               : "for an EDK that names no KMS key, give the key's ARN (--kms-key)");
}

Result<SecretBytes> DataKeySources::data_key(const std::vector<crypto::Edk>& edks,
                                             const crypto::EncryptionContext::Pairs& context) {
  ENSURE(!sources_.empty());
  for (std::size_t i = 0;; ++i) {
    auto key = sources_[i]->data_key(edks, context);
    if (key || key.error().kind != Kind::invalid || i + 1 == sources_.size()) return key;
  }
}

}  // namespace edgeseal::agent
