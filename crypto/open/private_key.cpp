// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/private_key.h"

#include <string>

#include "crypto/base/wipe.h"
#include "crypto/open/rsa_oaep_unwrap.h"

namespace edgeseal::crypto {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024;
constexpr std::string_view kPemBegin = "-----BEGIN ";
constexpr std::string_view kPkcs1Label = "RSA PRIVATE KEY";
constexpr std::string_view kPkcs8Label = "PRIVATE KEY";
constexpr std::string_view kDecryptHint =
    "decrypt it into a file that only you can read: openssl pkey -in FILE -out FILE";

tl::unexpected<Error> wrong_label(std::string_view label) {
  const std::string found(label.substr(0, 40));
  if (label == "ENCRYPTED PRIVATE KEY") {
    return fail(Kind::invalid, "the private key is encrypted", {}, std::string(kDecryptHint));
  }
  if (label == "PUBLIC KEY" || label == "RSA PUBLIC KEY" || label == "CERTIFICATE") {
    return fail(Kind::invalid, "this is a " + found + "; opening needs the private key that belongs to it");
  }
  return fail(Kind::invalid, "PEM holds a " + found + ", expected a PRIVATE KEY or RSA PRIVATE KEY", {},
              label == "OPENSSH PRIVATE KEY" ? "convert a copy: ssh-keygen -p -m PEM -f COPY" : "");
}

/// The bytes of the first PEM block (RFC 7468).
Result<SecretBytes> from_pem(std::string_view text) {
  std::string_view block = text.substr(text.find(kPemBegin) + kPemBegin.size());
  const std::size_t label_bytes = block.find("-----");
  const std::string_view label = block.substr(0, label_bytes);
  if (label != kPkcs1Label && label != kPkcs8Label) return wrong_label(label);
  const std::string end = "-----END " + std::string(label) + "-----";
  block.remove_prefix(label_bytes + 5);
  const std::size_t body_bytes = block.find(end);
  if (body_bytes == std::string_view::npos) return fail(Kind::invalid, "PEM block has no line \"" + end + "\"");
  const std::string_view body = block.substr(0, body_bytes);
  // RFC 1421 section 4.6.1.1: the older form says so in a header line.
  if (body.find("ENCRYPTED") != std::string_view::npos) return wrong_label("ENCRYPTED PRIVATE KEY");
  auto plain = from_base64(body);
  if (!plain) return fail(Kind::invalid, "PEM block is not base64");
  SecretBytes der = SecretBytes::copy_of(*plain);
  wipe(plain->data(), plain->size());
  return der;
}

}  // namespace

Result<PrivateKey> PrivateKey::parse(ByteView file) {
  if (file.empty()) return fail(Kind::invalid, "the key file is empty");
  if (file.size() > kFileBytesMax) return fail(Kind::invalid, "the key file is over 64 KiB: not a private key");
  if (as_text(file).find(kPemBegin) == std::string_view::npos) return from_der(file);
  auto der = from_pem(as_text(file));
  if (!der) return failed(der);
  return from_der(der->reveal());
}

Result<PrivateKey> PrivateKey::from_der(ByteView der) {
  auto pkcs1 = rsa_private_key_of(der);
  if (!pkcs1) return failed(pkcs1);
  if (pkcs1->bits != 2048 && pkcs1->bits != 3072 && pkcs1->bits != 4096) {
    return fail(Kind::invalid, "RSA key of " + std::to_string(pkcs1->bits) + " bits; expected 2048, 3072 or 4096");
  }
  return PrivateKey(std::move(pkcs1->der), pkcs1->bits);
}

}  // namespace edgeseal::crypto
