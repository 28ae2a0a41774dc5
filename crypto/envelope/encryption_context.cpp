// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/encryption_context.h"

#include "crypto/base/utf8.h"
#include "crypto/base/wire.h"
#include "crypto/envelope/esdk_layout.h"

namespace edgeseal::crypto {

Result<EncryptionContext> EncryptionContext::create(Pairs pairs) {
  std::size_t size = 2;
  for (const auto& [key, value] : pairs) {
    if (key.empty()) return fail(Kind::invalid, "encryption context has an empty key");
    if (key.starts_with(esdk::kReservedContextPrefix)) {
      return fail(Kind::invalid, "encryption context key \"" + key + "\" begins with aws-crypto, which the SDK keeps");
    }
    if (!is_utf8(key) || !is_utf8(value)) return fail(Kind::invalid, "encryption context is not UTF-8 at key " + key);
    if (key.size() > esdk::kFieldBytesMax || value.size() > esdk::kFieldBytesMax) {
      return fail(Kind::invalid, "encryption context pair \"" + key.substr(0, 64) + "\" is over 65,535 bytes");
    }
    size += 4 + key.size() + value.size();
  }
  if (size > esdk::kFieldBytesMax) {
    return fail(Kind::invalid, "encryption context takes " + std::to_string(size) + " bytes; 65,535 at most");
  }
  return EncryptionContext(std::move(pairs));
}

Bytes EncryptionContext::serialise() const {
  Bytes out;
  if (pairs_.empty()) return out;
  WireWriter wire(out);
  const auto field = [&wire](const std::string& text) {
    wire.u16(static_cast<std::uint16_t>(text.size()));
    wire.bytes(as_bytes(text));
  };
  wire.u16(static_cast<std::uint16_t>(pairs_.size()));
  for (const auto& [key, value] : pairs_) {
    field(key);
    field(value);
  }
  return out;
}

}  // namespace edgeseal::crypto
