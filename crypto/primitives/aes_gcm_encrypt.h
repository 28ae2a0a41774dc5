// SPDX-License-Identifier: GPL-3.0-or-later
// AES-256-GCM (NIST SP 800-38D), the sealing half alone. Its counterpart is crypto/open/aes_gcm_decrypt.h.
#pragma once
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"

namespace edgeseal::crypto {

inline constexpr std::size_t kAesKeyBytes = 32;
inline constexpr std::size_t kGcmIvBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;

/// A key schedule, kept in secret memory. The caller never uses one IV twice under a key.
/// Threads: one at a time.
class AesGcmEncryptor {
 public:
  /// `key` has 32 bytes.
  [[nodiscard]] static Result<AesGcmEncryptor> create(const SecretBytes& key);
  AesGcmEncryptor(AesGcmEncryptor&&) noexcept = default;
  AesGcmEncryptor& operator=(AesGcmEncryptor&&) noexcept = default;
  ~AesGcmEncryptor();

  /// Encrypts `plaintext` into `ciphertext` (same size) and writes the 16-byte `tag`. Kind::fault when wolfCrypt fails.
  [[nodiscard]] Result<void> encrypt(ByteView iv, ByteView aad, ByteView plaintext, MutableByteView ciphertext,
                                     MutableByteView tag);

 private:
  explicit AesGcmEncryptor(SecretBytes schedule);
  SecretBytes schedule_;  ///< a wolfCrypt Aes
};

}  // namespace edgeseal::crypto
