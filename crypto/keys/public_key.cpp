// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/public_key.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "crypto/primitives/rsa_oaep_wrap.h"
#include "crypto/primitives/sha2.h"

namespace edgeseal::crypto {
namespace {

constexpr std::string_view kPemBegin = "-----BEGIN ";
constexpr std::string_view kPublicKeyLabel = "PUBLIC KEY";
constexpr std::string_view kHint =
    "export it with: aws kms get-public-key --key-id … --query PublicKey --output text | base64 -d";

/// The label of the PEM block whose -----BEGIN is at the beginning of `text`.
std::string label_of(std::string_view text) {
  text.remove_prefix(kPemBegin.size());
  return std::string(text.substr(0, text.find("-----")));
}

Result<void> check_label(const std::string& label) {
  if (label == kPublicKeyLabel) return {};
  if (label.find("PRIVATE") != std::string::npos) {
    return fail(Kind::invalid, "this is a private key (" + label.substr(0, 40) + "): it does not belong on a gateway",
                {}, "take the public half: openssl pkey -in FILE -pubout");
  }
  return fail(Kind::invalid, "PEM holds a " + label.substr(0, 40) + ", expected a PUBLIC KEY", {},
              label == "RSA PUBLIC KEY" ? "convert it: openssl rsa -RSAPublicKey_in -in FILE -pubout" : "");
}

/// The bytes between the lines of the only PEM block (RFC 7468), which must be a PUBLIC KEY.
Result<Bytes> from_pem(std::string_view text) {
  std::string_view block = text.substr(text.find(kPemBegin));
  const std::string label = label_of(block);
  if (auto wanted = check_label(label); !wanted) return failed(wanted);
  if (const std::size_t next = block.find(kPemBegin, 1); next != std::string_view::npos) {
    const std::string second = label_of(block.substr(next));
    if (auto wanted = check_label(second); !wanted) return failed(wanted, "behind the public key");
    return fail(Kind::invalid, "PEM holds a second PUBLIC KEY, expected one", {},
                "keep the one that is meant, or give each a file and an entry under keys: of its own");
  }
  const std::string end = "-----END " + label + "-----";
  block.remove_prefix(std::min(block.size(), kPemBegin.size() + label.size() + 5));
  const std::size_t body_end = block.find(end);
  if (body_end == std::string_view::npos) return fail(Kind::invalid, "PEM block has no line \"" + end + "\"");
  auto der = from_base64(block.substr(0, body_end));
  if (!der) return fail(Kind::invalid, "PEM block is not base64");
  return std::move(*der);
}

}  // namespace

Result<PublicKey> PublicKey::parse(ByteView file) {
  if (file.empty()) return fail(Kind::invalid, "the key file is empty", {}, std::string(kHint));
  if (file.size() > kPublicKeyFileBytesMax) return fail(Kind::invalid, "the key file is over 64 KiB: not a public key");
  const std::string_view text = as_text(file);
  if (text.find(kPemBegin) != std::string_view::npos) {
    auto der = from_pem(text);
    if (!der) return failed(der);
    return from_der(*der, "PEM");
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first != std::string_view::npos && text[first] == '{') return from_json(file);
  return from_der(file, "DER");
}

Result<PublicKey> PublicKey::from_der(ByteView der, std::string form) {
  auto bits = rsa_modulus_bits(der);
  if (!bits) {
    bits.error().fix = kHint;
    return failed(bits);
  }
  if (*bits != 2048 && *bits != 3072 && *bits != 4096) {
    return fail(Kind::invalid, "RSA key of " + std::to_string(*bits) + " bits; expected 2048, 3072 or 4096");
  }
  auto digest = sha256(der);
  if (!digest) return failed(digest);
  PublicKey key;
  key.der_.assign(der.begin(), der.end());
  key.bits_ = *bits;
  key.pin_ = Pin{*digest};
  key.form_ = std::move(form);
  return key;
}

Result<PublicKey> PublicKey::from_json(ByteView text) {
  const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  const auto string_at = [&json](const char* name) -> std::optional<std::string> {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
  };
  if (!json.is_object()) return fail(Kind::invalid, "the key file begins like JSON but is none");
  const auto encoded = string_at("PublicKey");
  if (!encoded)
    return fail(Kind::invalid, "JSON has no string \"PublicKey\"; expected what aws kms get-public-key prints");
  if (const auto usage = string_at("KeyUsage"); usage && *usage != "ENCRYPT_DECRYPT") {
    return fail(Kind::invalid, "the KMS key's usage is " + *usage + ", expected ENCRYPT_DECRYPT", {},
                "create one: aws kms create-key --key-spec RSA_4096 --key-usage ENCRYPT_DECRYPT");
  }
  const auto der = from_base64(*encoded);
  if (!der) return fail(Kind::invalid, "\"PublicKey\" is not base64");
  auto key = from_der(*der, "KMS JSON");
  if (key) key->kms_key_ = string_at("KeyId");
  return key;
}

}  // namespace edgeseal::crypto
