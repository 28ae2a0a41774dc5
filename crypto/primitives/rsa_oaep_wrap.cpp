// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/primitives/rsa_oaep_wrap.h"

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

Result<RsaKeyPtr> decode(ByteView spki_der) {
  RsaKeyPtr key(new RsaKey);
  if (const int code = wc_InitRsaKey(key.get(), nullptr); code != 0) return wolfcrypt_fault("set up RSA", code);
  word32 end = 0;
  const int code = wc_RsaPublicKeyDecode(spki_der.data(), &end, key.get(), static_cast<word32>(spki_der.size()));
  if (code != 0) return fail(Kind::invalid, "not a DER SubjectPublicKeyInfo of an RSA key");
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
