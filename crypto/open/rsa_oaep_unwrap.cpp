// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/rsa_oaep_unwrap.h"

#include "crypto/primitives/wolfcrypt.h"

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/rsa.h>

namespace edgeseal::crypto {
namespace {

/// A wolfCrypt RsaKey in secret memory: it holds the private numbers themselves.
class NativeKey {
 public:
  NativeKey() : memory_(sizeof(RsaKey)) {}
  ~NativeKey() {
    if (initialised_) wc_FreeRsaKey(get());
  }
  NativeKey(const NativeKey&) = delete;
  NativeKey& operator=(const NativeKey&) = delete;

  [[nodiscard]] Result<void> init() {
    if (const int code = wc_InitRsaKey(get(), nullptr); code != 0) return wolfcrypt_fault("set up RSA", code);
    initialised_ = true;
    return {};
  }
  /// Whether `pkcs1_der` is an RSAPrivateKey and nothing more.
  [[nodiscard]] bool decode(ByteView pkcs1_der) {
    word32 end = 0;
    return wc_RsaPrivateKeyDecode(pkcs1_der.data(), &end, get(), static_cast<word32>(pkcs1_der.size())) == 0 &&
           end == pkcs1_der.size();
  }
  [[nodiscard]] RsaKey* get() { return reinterpret_cast<RsaKey*>(memory_.reveal().data()); }

 private:
  SecretBytes memory_;
  bool initialised_ = false;
};

}  // namespace

Result<RsaPrivateKeyDer> rsa_private_key_of(ByteView der) {
  SecretBytes copy = SecretBytes::copy_of(der);
  SecretBytes pkcs1 = copy.clone();
  word32 offset = 0;
  const int inner = wc_GetPkcs8TraditionalOffset(copy.reveal().data(), &offset, static_cast<word32>(copy.size()));
  if (inner > 0 && offset + static_cast<std::size_t>(inner) <= copy.size()) {
    pkcs1 = SecretBytes::copy_of(copy.reveal().subspan(offset, static_cast<std::size_t>(inner)));
  }
  NativeKey key;
  if (auto ready = key.init(); !ready) return failed(ready);
  if (!key.decode(pkcs1.reveal())) return fail(Kind::invalid, "not an RSA private key (PKCS#8 or PKCS#1)");
  const auto bits = static_cast<unsigned>(wc_RsaEncryptSize(key.get())) * 8;
  return RsaPrivateKeyDer{std::move(pkcs1), bits};
}

Result<std::optional<SecretBytes>> rsa_oaep_unwrap(const SecretBytes& pkcs1_der, ByteView wrapped, OaepHash hash,
                                                   Drbg& drbg) {
  NativeKey key;
  if (auto ready = key.init(); !ready) return failed(ready);
  if (!key.decode(pkcs1_der.reveal())) return fail(Kind::fault, "RSA: the private key no longer decodes");
  if (const int code = wc_RsaSetRNG(key.get(), &drbg.native()); code != 0) return wolfcrypt_fault("RSA blinding", code);
  if (wrapped.size() != static_cast<std::size_t>(wc_RsaEncryptSize(key.get()))) return std::nullopt;
  SecretBytes plain(wrapped.size());
  const bool sha256 = hash == OaepHash::sha256;
  const int size = wc_RsaPrivateDecrypt_ex(wrapped.data(), static_cast<word32>(wrapped.size()), plain.reveal().data(),
                                           static_cast<word32>(plain.size()), key.get(), WC_RSA_OAEP_PAD,
                                           sha256 ? WC_HASH_TYPE_SHA256 : WC_HASH_TYPE_SHA,
                                           sha256 ? WC_MGF1SHA256 : WC_MGF1SHA1, nullptr, 0);
  if (size < 0) return std::nullopt;
  return SecretBytes::copy_of(plain.reveal().first(static_cast<std::size_t>(size)));
}

}  // namespace edgeseal::crypto
