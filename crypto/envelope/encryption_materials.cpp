// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/encryption_materials.h"

#include <algorithm>

#include "crypto/base/ensure.h"
#include "crypto/envelope/esdk_layout.h"
#include "crypto/primitives/rsa_oaep_wrap.h"
#include "crypto/primitives/sha2.h"

namespace edgeseal::crypto {
namespace {

/// The plaintext of an aws-kms-rsa EDK: the digest of the context, then the data key.
Result<SecretBytes> bound_to(const EncryptionContext& context, const SecretBytes& data_key) {
  auto digest = sha384(context.serialise());
  if (!digest) return failed(digest);
  SecretBytes bound(digest->size() + data_key.size());
  const auto after_digest = std::copy(digest->begin(), digest->end(), bound.reveal().begin());
  std::copy(data_key.reveal().begin(), data_key.reveal().end(), after_digest);
  return bound;
}

Result<Edk> wrap(const SealingKey& key, const EncryptionContext& context, const SecretBytes& data_key, Drbg& drbg) {
  auto plain = key.wrap == WrapForm::aws_kms_rsa ? bound_to(context, data_key) : Result<SecretBytes>(data_key.clone());
  if (!plain) return failed(plain);
  auto ciphertext = rsa_oaep_wrap(key.key.der(), *plain, key.oaep, drbg);
  if (!ciphertext) return failed(ciphertext, "key " + key.id);
  if (key.provider_id.size() > esdk::kFieldBytesMax || key.provider_info.size() > esdk::kFieldBytesMax) {
    return fail(Kind::invalid, "key " + key.id + ": provider id or info is over 65,535 bytes");
  }
  return Edk{key.provider_id, key.provider_info, std::move(*ciphertext)};
}

}  // namespace

EncryptionMaterials::EncryptionMaterials(SecretBytes data_key, std::vector<Edk> edks, EncryptionContext context)
    : data_key_(std::move(data_key)), edks_(std::move(edks)), context_(std::move(context)) {}

Result<EncryptionMaterials> EncryptionMaterials::create(const KeySet& keys, EncryptionContext context, Drbg& drbg) {
  ENSURE(!keys.empty() && keys.size() <= esdk::kFieldBytesMax);
  SecretBytes data_key(esdk::kDataKeyBytes);
  if (auto drawn = drbg.fill(data_key.reveal()); !drawn) return failed(drawn, "make a data key");
  std::vector<Edk> edks;
  for (const SealingKey& key : keys) {
    auto edk = wrap(key, context, data_key, drbg);
    if (!edk) return failed(edk);
    edks.push_back(std::move(*edk));
  }
  return EncryptionMaterials(std::move(data_key), std::move(edks), std::move(context));
}

EncryptionMaterials EncryptionMaterials::of(SecretBytes data_key, std::vector<Edk> edks, EncryptionContext context) {
  ENSURE(data_key.size() == esdk::kDataKeyBytes);
  return {std::move(data_key), std::move(edks), std::move(context)};
}

}  // namespace edgeseal::crypto
