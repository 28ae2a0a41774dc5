// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/data_key_source.h"

#include "crypto/base/wire.h"
#include "crypto/envelope/esdk_layout.h"
#include "crypto/open/refusal.h"
#include "crypto/primitives/sha2.h"

namespace edgeseal::crypto {
namespace {

constexpr std::size_t kEdksShown = 4;
constexpr std::size_t kNameBytesShown = 120;

/// Anyone may have written it, and it goes to a terminal.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kNameBytesShown));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

}  // namespace

std::string describe_edks(const std::vector<Edk>& edks) {
  std::string text;
  for (std::size_t i = 0; i < edks.size() && i < kEdksShown; ++i) {
    if (i > 0) text += ", ";
    text += printable(edks[i].provider_id) + " " + printable(edks[i].provider_info);
  }
  if (edks.size() > kEdksShown) text += ", and " + std::to_string(edks.size() - kEdksShown) + " more";
  return text;
}

Bytes serialise_pairs(const EncryptionContext::Pairs& pairs) {
  Bytes out;
  if (pairs.empty()) return out;
  WireWriter wire(out);
  wire.u16(static_cast<std::uint16_t>(pairs.size()));
  for (const auto& [key, value] : pairs) {
    for (const std::string* text : {&key, &value}) {
      wire.u16(static_cast<std::uint16_t>(text->size()));
      wire.bytes(as_bytes(*text));
    }
  }
  return out;
}

Result<std::optional<SecretBytes>> data_key_in(const SecretBytes& plaintext, const std::string& provider_id,
                                               const EncryptionContext::Pairs& context) {
  const bool bound = provider_id == esdk::kKmsRsaProvider;
  const std::size_t digest_bytes = bound ? esdk::kContextDigestBytes : 0;
  if (plaintext.size() != digest_bytes + esdk::kDataKeyBytes) return std::nullopt;
  if (bound) {
    auto digest = sha384(serialise_pairs(context));
    if (!digest) return failed(digest);
    if (!equal_in_constant_time(plaintext.reveal().first(digest_bytes), *digest)) {
      return refuse(Refusal::context_digest,
                    "the data key was wrapped for another encryption context: the context was changed");
    }
  }
  return SecretBytes::copy_of(plaintext.reveal().subspan(digest_bytes));
}

Result<SecretBytes> RememberedDataKey::data_key(const std::vector<Edk>& edks, const EncryptionContext::Pairs& context) {
  if (key_.empty() || edks != edks_ || context != context_) {
    auto key = inner_.data_key(edks, context);
    if (!key) return failed(key);
    key_ = std::move(*key);
    edks_ = edks;
    context_ = context;
  }
  return key_.clone();
}

}  // namespace edgeseal::crypto
