// SPDX-License-Identifier: GPL-3.0-or-later
// AES-256-GCM (NIST SP 800-38D), the opening half. Its counterpart is crypto/primitives/aes_gcm_encrypt.h.
#pragma once
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"

namespace edgeseal::crypto {

/// A key schedule, kept in secret memory. Threads: one at a time.
class AesGcmDecryptor {
 public:
  /// `key` has 32 bytes. Kind::fault when wolfCrypt fails.
  [[nodiscard]] static Result<AesGcmDecryptor> create(const SecretBytes& key);
  AesGcmDecryptor(AesGcmDecryptor&&) noexcept = default;
  AesGcmDecryptor& operator=(AesGcmDecryptor&&) noexcept = default;
  ~AesGcmDecryptor();

  /// Decrypts `data` where it stands, after its 16-byte `tag` has verified over it and `aad`; `iv` has 12 bytes.
  /// False when the tag does not verify: then nothing of the plaintext is left in `data`. Kind::fault when wolfCrypt
  /// fails otherwise.
  [[nodiscard]] Result<bool> decrypt(ByteView iv, ByteView aad, MutableByteView data, ByteView tag);

 private:
  explicit AesGcmDecryptor(SecretBytes schedule);
  SecretBytes schedule_;  ///< a wolfCrypt Aes
};

}  // namespace edgeseal::crypto
