// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/aes_gcm_decrypt.h"

#include "crypto/base/ensure.h"
#include "crypto/base/wipe.h"
#include "crypto/primitives/aes_gcm_encrypt.h"
#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

namespace edgeseal::crypto {
namespace {
Aes* native(SecretBytes& schedule) { return reinterpret_cast<Aes*>(schedule.reveal().data()); }
}  // namespace

AesGcmDecryptor::AesGcmDecryptor(SecretBytes schedule) : schedule_(std::move(schedule)) {}

AesGcmDecryptor::~AesGcmDecryptor() {
  if (!schedule_.empty()) wc_AesFree(native(schedule_));
}

Result<AesGcmDecryptor> AesGcmDecryptor::create(const SecretBytes& key) {
  ENSURE(key.size() == kAesKeyBytes);
  SecretBytes schedule(sizeof(Aes));
  if (const int code = wc_AesInit(native(schedule), nullptr, INVALID_DEVID); code != 0) {
    return wolfcrypt_fault("set up AES", code);
  }
  if (const int code = wc_AesGcmSetKey(native(schedule), key.reveal().data(), kAesKeyBytes); code != 0) {
    return wolfcrypt_fault("set the AES key", code);
  }
  return AesGcmDecryptor(std::move(schedule));
}

Result<bool> AesGcmDecryptor::decrypt(ByteView iv, ByteView aad, MutableByteView data, ByteView tag) {
  ENSURE(iv.size() == kGcmIvBytes && tag.size() == kGcmTagBytes && data.size() <= 0xFFFFFFFF);
  const int code = wc_AesGcmDecrypt(native(schedule_), data.data(), data.data(), static_cast<word32>(data.size()),
                                    iv.data(), static_cast<word32>(iv.size()), tag.data(),
                                    static_cast<word32>(tag.size()), aad.data(), static_cast<word32>(aad.size()));
  if (code == 0) return true;
  // wolfCrypt may have decrypted before it compared the tags.
  wipe(data.data(), data.size());
  if (code == AES_GCM_AUTH_E) return false;
  return wolfcrypt_fault("AES-256-GCM", code);
}

}  // namespace edgeseal::crypto
