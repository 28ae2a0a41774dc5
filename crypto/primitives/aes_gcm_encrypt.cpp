// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/aes_gcm_encrypt.h"

#include "crypto/base/ensure.h"
#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/aes.h>

namespace edgeseal::crypto {
namespace {
Aes* native(SecretBytes& schedule) { return reinterpret_cast<Aes*>(schedule.reveal().data()); }
}  // namespace

AesGcmEncryptor::AesGcmEncryptor(SecretBytes schedule) : schedule_(std::move(schedule)) {}

AesGcmEncryptor::~AesGcmEncryptor() {
  if (!schedule_.empty()) wc_AesFree(native(schedule_));
}

Result<AesGcmEncryptor> AesGcmEncryptor::create(const SecretBytes& key) {
  ENSURE(key.size() == kAesKeyBytes);
  SecretBytes schedule(sizeof(Aes));
  if (const int code = wc_AesInit(native(schedule), nullptr, INVALID_DEVID); code != 0) {
    return wolfcrypt_fault("set up AES", code);
  }
  if (const int code = wc_AesGcmSetKey(native(schedule), key.reveal().data(), kAesKeyBytes); code != 0) {
    return wolfcrypt_fault("set the AES key", code);
  }
  return AesGcmEncryptor(std::move(schedule));
}

Result<void> AesGcmEncryptor::encrypt(ByteView iv, ByteView aad, ByteView plaintext, MutableByteView ciphertext,
                                      MutableByteView tag) {
  ENSURE(iv.size() == kGcmIvBytes && tag.size() == kGcmTagBytes && ciphertext.size() == plaintext.size());
  const int code =
      wc_AesGcmEncrypt(native(schedule_), ciphertext.data(), plaintext.data(), static_cast<word32>(plaintext.size()),
                       iv.data(), static_cast<word32>(iv.size()), tag.data(), static_cast<word32>(tag.size()),
                       aad.data(), static_cast<word32>(aad.size()));
  if (code != 0) return wolfcrypt_fault("AES-256-GCM", code);
  return {};
}

}  // namespace edgeseal::crypto
