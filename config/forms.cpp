// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/forms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <vector>

#include "config/options.h"
#include "crypto/base/topic_filter.h"

namespace edgeseal::config {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::array<std::string_view, 6> kPlaceholders = {"gateway", "route", "seq", "batch", "date", "hour"};

/// All characters of `text` are of one of the `sets`.
bool only(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::ranges::all_of(text, [&](char c) {
    return std::ranges::any_of(sets, [&](std::string_view set) { return set.find(c) != std::string_view::npos; });
  });
}

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

/// host[:port] as RFC 3986 section 3.2 has it, without user information.
bool is_authority(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    if (!only(host, {kDigits, "abcdefABCDEF", ":."}) || host.find(':') == std::string_view::npos) return false;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return false;
    has_port = !rest.empty();
    port = has_port ? rest.substr(1) : rest;
  } else {
    const std::size_t colon = text.find(':');
    has_port = colon != std::string_view::npos;
    host = text.substr(0, colon);
    port = has_port ? text.substr(colon + 1) : std::string_view{};
    if (!only(host, {kLower, kUpper, kDigits, "-._"})) return false;
  }
  if (host.empty() || host.size() > 255) return false;
  if (!has_port) return true;
  const auto value = number(port);
  return value && *value >= 1 && *value <= 65'535 && only(port, {kDigits});
}

struct Scheme {
  std::string_view wrong;
  std::string_view right;
};

std::optional<Problem> check_url(std::string_view text, std::array<std::string_view, 2> schemes,
                                 std::span<const Scheme> slips) {
  const std::string expected =
      std::string(schemes[0]) + "://HOST[:PORT] or " + std::string(schemes[1]) + "://HOST[:PORT]";
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return Problem{expected, "write " + std::string(schemes[0]) + "://…"};
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view authority = text.substr(colon + 3);
  if (std::ranges::find(schemes, scheme) == schemes.end()) {
    const auto slip = std::ranges::find(slips, scheme, &Scheme::wrong);
    return Problem{expected,
                   slip == slips.end() ? "" : "write " + std::string(slip->right) + "://" + std::string(authority)};
  }
  if (is_authority(authority)) return std::nullopt;
  if (authority.find('@') != std::string_view::npos) {
    return Problem{expected + " without user name and password", "write username: and password: beside url:"};
  }
  if (authority.ends_with('/')) {
    return Problem{expected, "leave out the / at the end"};
  }
  return Problem{expected};
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

std::optional<Problem> check_broker_url(std::string_view text) {
  static constexpr std::array<Scheme, 4> kSlips = {
      {{"tcp", "mqtt"}, {"ssl", "mqtts"}, {"tls", "mqtts"}, {"MQTT", "mqtt"}}};
  return check_url(text, {"mqtt", "mqtts"}, kSlips);
}

std::optional<Problem> check_endpoint_url(std::string_view text) {
  static constexpr std::array<Scheme, 1> kSlips = {{{"s3", "https"}}};
  return check_url(text, {"https", "http"}, kSlips);
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

std::optional<Problem> check_bucket(std::string_view text) {
  const bool good = !text.empty() && text.size() <= 255 && text.find_first_of("/ \t?#") == std::string_view::npos;
  if (good) return std::nullopt;
  return Problem{"the bare name of a bucket", text.starts_with("s3://") ? "leave out s3://" : ""};
}

std::optional<Problem> check_region(std::string_view text) {
  if (!text.empty() && text.size() <= 64 && only(text, {kLower, kUpper, kDigits, "-"})) return std::nullopt;
  return Problem{"a region such as eu-west-1"};
}

std::optional<Problem> check_object_key(std::string_view text) {
  const std::string expected = "a template of object names";
  if (text.empty() || text.size() > 512) return Problem{expected + " of 1 to 512 bytes"};
  if (text.find('\\') != std::string_view::npos) return Problem{expected + " without \\"};
  for (const std::string_view part : split(text, '/')) {
    if (part.empty()) return Problem{expected + " without / first, last or twice in a row"};
    if (part == "." || part == "..") return Problem{expected + " without . or .. as a part"};
  }
  bool unique = false;
  std::size_t at = 0;
  while ((at = text.find_first_of("{}", at)) != std::string_view::npos) {
    const std::size_t end = text.find_first_of("{}", at + 1);
    if (text[at] == '}' || end == std::string_view::npos || text[end] == '{') {
      return Problem{expected + " with each { closed by a }"};
    }
    const std::string_view name = text.substr(at + 1, end - at - 1);
    if (std::ranges::find(kPlaceholders, name) == kPlaceholders.end()) {
      const std::vector<std::string> names(kPlaceholders.begin(), kPlaceholders.end());
      const auto near = nearest(name, names);
      return Problem{expected + " with no placeholders but {gateway} {route} {seq} {batch} {date} {hour}",
                     near ? "write {" + *near + "} instead of {" + std::string(name) + "}" : ""};
    }
    unique = unique || name == "batch";
    at = end + 1;
  }
  if (!unique) {
    return Problem{expected + " with {batch}, which alone makes names unique ({seq} counts from 1 in each new spool)",
                   "write {seq}-{batch}.esdk at the end"};
  }
  if (!text.ends_with(".esdk")) {
    return Problem{expected + " that ends in .esdk, by which edgeseal-open knows its objects", "add .esdk"};
  }
  return std::nullopt;
}

}  // namespace edgeseal::config
