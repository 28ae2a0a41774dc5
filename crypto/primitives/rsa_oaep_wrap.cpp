// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/rsa_oaep_wrap.h"

#include <algorithm>
#include <array>
#include <memory>

#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/rsa.h>

namespace edgeseal::crypto {
namespace {

struct FreeRsaKey {
  void operator()(RsaKey* key) const {
    wc_FreeRsaKey(key);
    delete key;
  }
};
using RsaKeyPtr = std::unique_ptr<RsaKey, FreeRsaKey>;

/// AlgorithmIdentifier rsaEncryption with its NULL (RFC 8017 appendix A.1). wolfCrypt would also take a bare
/// RSAPublicKey and a key that is for RSASSA-PSS signatures alone.
constexpr std::array<std::uint8_t, 15> kRsaEncryption{0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                      0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

bool begins_as_rsa_spki(ByteView der) {
  if (der.size() < 2 || der[0] != 0x30) return false;
  const std::size_t head = der[1] < 0x80 ? 2 : 2 + (der[1] & 0x7fU);  // X.690 section 8.1.3: the length's own bytes
  return der.size() > head + kRsaEncryption.size() &&
         std::equal(kRsaEncryption.begin(), kRsaEncryption.end(), der.begin() + static_cast<std::ptrdiff_t>(head));
}

Result<RsaKeyPtr> decode(ByteView spki_der) {
  constexpr std::string_view kNone = "not a DER SubjectPublicKeyInfo of an RSA key for encryption";
  if (!begins_as_rsa_spki(spki_der)) return fail(Kind::invalid, std::string(kNone));
  RsaKeyPtr key(new RsaKey);
  if (const int code = wc_InitRsaKey(key.get(), nullptr); code != 0) return wolfcrypt_fault("set up RSA", code);
  word32 end = 0;
  const int code = wc_RsaPublicKeyDecode(spki_der.data(), &end, key.get(), static_cast<word32>(spki_der.size()));
  if (code != 0) return fail(Kind::invalid, std::string(kNone));
  if (end != spki_der.size()) {
    return fail(Kind::invalid, std::to_string(spki_der.size() - end) + " stray bytes after the RSA public key");
  }
  return key;
}

}  // namespace

Result<unsigned> rsa_modulus_bits(ByteView spki_der) {
  auto key = decode(spki_der);
  if (!key) return failed(key);
  return static_cast<unsigned>(wc_RsaEncryptSize(key->get())) * 8;
}

Result<Bytes> rsa_oaep_wrap(ByteView spki_der, const SecretBytes& secret, OaepHash hash, Drbg& drbg) {
  auto key = decode(spki_der);
  if (!key) return failed(key, "wrap the data key");
  Bytes wrapped(static_cast<std::size_t>(wc_RsaEncryptSize(key->get())));
  const ByteView plain = secret.reveal();
  const bool sha256 = hash == OaepHash::sha256;
  const int size = wc_RsaPublicEncrypt_ex(plain.data(), static_cast<word32>(plain.size()), wrapped.data(),
                                          static_cast<word32>(wrapped.size()), key->get(), &drbg.native(),
                                          WC_RSA_OAEP_PAD, sha256 ? WC_HASH_TYPE_SHA256 : WC_HASH_TYPE_SHA,
                                          sha256 ? WC_MGF1SHA256 : WC_MGF1SHA1, nullptr, 0);
  if (size < 0) return wolfcrypt_fault("wrap the data key: RSAES-OAEP", size);
  if (static_cast<std::size_t>(size) != wrapped.size()) return fail(Kind::fault, "RSAES-OAEP gave a short ciphertext");
  return wrapped;
}

}  // namespace edgeseal::crypto
