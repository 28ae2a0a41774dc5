// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/forms.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <vector>

#include "config/options.h"
#include "crypto/base/topic_filter.h"

namespace edgeseal::config {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<Problem> check_name_of(std::string_view text, std::string_view marks, std::size_t size_max,
                                     const std::string& expected) {
  const bool good = !text.empty() && text.size() <= size_max && only(text, {kLower, kUpper, kDigits, marks}) &&
                    only(text.substr(0, 1), {kLower, kUpper, kDigits});
  return good ? std::nullopt : std::optional(Problem{expected});
}

}  // namespace

std::optional<Problem> check_text_form(std::string_view text) {
  if (text.empty()) return Problem{"at least one character"};
  if (text.size() > 1024) return Problem{"at most 1,024 bytes"};
  return std::nullopt;
}

std::optional<Problem> check_name(std::string_view text) {
  return check_name_of(text, "_-", 64, "a name of at most 64 letters, digits, _ and -, with a letter or digit first");
}

std::optional<Problem> check_gateway_name(std::string_view text) {
  return check_name_of(text, "_-.", 128,
                       "a name of at most 128 letters, digits, _, - and dots, with a letter or digit first");
}

std::optional<Problem> check_pin(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  const bool good = text.starts_with(kPrefix) && text.size() == kPrefix.size() + 64 &&
                    only(text.substr(kPrefix.size()), {kDigits, "abcdefABCDEF"});
  if (good) return std::nullopt;
  return Problem{"sha256: and 64 hexadecimal digits", "`edgeseal pin FILE` prints the pin of a key"};
}

std::optional<Problem> check_kms_key(std::string_view text) {
  const std::string form = "a KMS key ARN (arn:aws:kms:REGION:ACCOUNT:key/ID)";
  const auto parts = split(text, ':');
  if (text.find("alias/") != std::string_view::npos) {
    return Problem{
        form + ", never an alias, which makes every decryption fail: openers compare it with the key's own ARN",
        "write the key ARN that `aws kms describe-key` gives"};
  }
  const bool arn = parts.size() == 6 && parts[0] == "arn" && parts[1].starts_with("aws") &&
                   only(parts[1], {kLower, kDigits, "-"}) && parts[2] == "kms" && !parts[3].empty() &&
                   only(parts[3], {kLower, kDigits, "-"}) && parts[4].size() == 12 && only(parts[4], {kDigits}) &&
                   parts[5].starts_with("key/") && parts[5].size() > 4 && parts[5].size() <= 132 &&
                   only(parts[5].substr(4), {kLower, kUpper, kDigits, "-"});
  if (arn) return std::nullopt;
  return Problem{form, "`aws kms describe-key` gives it as KeyMetadata.Arn"};
}

std::optional<Problem> check_key_namespace(std::string_view text) {
  if (text.starts_with("aws-kms")) {
    return Problem{"a namespace of your own: the AWS Encryption SDK keeps aws-kms… for its KMS keyrings",
                   "write namespace: edgeseal"};
  }
  return check_text_form(text);
}

std::optional<int> zstd_level(std::string_view text) {
  if (text == "none") return std::nullopt;
  if (text == "zstd") return CompressionOptions{}.zstd_level;
  return number(text.substr(text.find(':') + 1));
}

std::optional<Problem> check_topic_filter(std::string_view text) {
  const std::string_view problem = filter_problem(text);
  if (problem.empty()) return std::nullopt;
  const bool wildcard_in_level = problem.find("whole levels") != std::string_view::npos;
  return Problem{"an MQTT topic filter" + std::string(problem), wildcard_in_level ? "write a/+/b, not a/x+/b" : ""};
}

std::optional<Problem> check_compression(std::string_view text) {
  constexpr std::string_view kPrefix = "zstd:";
  if (text == "zstd" || text == "none") return std::nullopt;
  const std::string expected = "zstd, zstd:1 to zstd:19 or none";
  if (!text.starts_with(kPrefix)) return Problem{expected};
  const auto level = number(text.substr(kPrefix.size()));
  if (level && *level >= 1 && *level <= 19) return std::nullopt;
  return Problem{expected, level && *level > 19 ? "write zstd:19" : ""};
}

}  // namespace edgeseal::config
