// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/fingerprint.h"

namespace edgeseal::crypto {

Result<Fingerprinter> Fingerprinter::create(Random& random) {
  SecretBytes key(kAesKeyBytes);
  if (auto drawn = random.fill(key.reveal()); !drawn) return failed(drawn, "draw a fingerprint key");
  auto gcm = AesGcmEncryptor::create(key);
  if (!gcm) return failed(gcm);
  return Fingerprinter(std::move(*gcm));
}

Result<Fingerprint> Fingerprinter::of(ByteView content) {
  constexpr std::array<std::uint8_t, kGcmIvBytes> kOneIv{};
  Fingerprint print{};
  if (auto done = gcm_.encrypt(kOneIv, content, {}, {}, print); !done) return failed(done);
  return print;
}

}  // namespace edgeseal::crypto
