// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/key_form.h"

#include <vector>

#include "crypto/base/utf8.h"

namespace edgeseal::crypto {
namespace {

constexpr std::size_t kPinDigits = 64;
constexpr std::size_t kAccountDigits = 12;
constexpr std::size_t kNameBytesMax = 1024;
constexpr std::size_t kKeyIdBytesMax = 128;

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find(by); at != std::string_view::npos; at = text.find(by)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

}  // namespace

std::optional<Problem> pin_form(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  const bool good = text.starts_with(kPrefix) && text.size() == kPrefix.size() + kPinDigits &&
                    only(text.substr(kPrefix.size()), {kDigits, "abcdefABCDEF"});
  if (good) return std::nullopt;
  return Problem{"sha256: and 64 hexadecimal digits", "`edgeseal pin FILE` prints the pin of a key"};
}

std::optional<Problem> kms_key_form(std::string_view text) {
  constexpr std::string_view kKey = "key/";
  const std::string form = "a KMS key ARN (arn:aws:kms:REGION:ACCOUNT:key/ID)";
  if (text.find("alias/") != std::string_view::npos) {
    return Problem{
        form + ", never an alias, which makes every decryption fail: openers compare it with the key's own ARN",
        "write the key ARN that `aws kms describe-key` gives"};
  }
  const auto parts = split(text, ':');
  const bool good = parts.size() == 6 && parts[0] == "arn" && parts[1].starts_with("aws") &&
                    only(parts[1], {kLower, kDigits, "-"}) && parts[2] == "kms" && !parts[3].empty() &&
                    only(parts[3], {kLower, kDigits, "-"}) && parts[4].size() == kAccountDigits &&
                    only(parts[4], {kDigits}) && parts[5].starts_with(kKey) && parts[5].size() > kKey.size() &&
                    parts[5].size() <= kKey.size() + kKeyIdBytesMax &&
                    only(parts[5].substr(kKey.size()), {kLower, kUpper, kDigits, "-"});
  if (good) return std::nullopt;
  return Problem{form, "`aws kms describe-key` gives it as KeyMetadata.Arn"};
}

std::optional<Problem> key_namespace_form(std::string_view text) {
  if (!text.starts_with("aws-kms")) return key_name_form(text);
  return Problem{"a namespace of your own: the AWS Encryption SDK keeps aws-kms… for its KMS keyrings",
                 "write namespace: edgeseal"};
}

std::optional<Problem> key_name_form(std::string_view text) {
  if (text.empty()) return Problem{"at least one character"};
  if (text.size() > kNameBytesMax) return Problem{"at most 1,024 bytes"};
  if (!is_utf8(text)) return Problem{"UTF-8"};
  return std::nullopt;
}

}  // namespace edgeseal::crypto
