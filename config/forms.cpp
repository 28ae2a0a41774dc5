// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/forms.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include <sys/un.h>

#include "config/options.h"
#include "crypto/base/ids.h"

namespace edgeseal::config {
namespace {

constexpr std::size_t kSocketPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;  // without the NUL
static_assert(kSocketPathBytesMax == 107);

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
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
  return check_name_of(text, "_-", kRouteNameBytesMax,
                       "a name of at most 64 letters, digits, _ and -, with a letter or digit first");
}

std::optional<Problem> check_gateway_name(std::string_view text) {
  return check_name_of(text, "_-.", kGatewayNameBytesMax,
                       "a name of at most 128 letters, digits, _, - and dots, with a letter or digit first");
}

std::optional<Problem> check_socket_path(std::string_view text) {
  if (text.size() <= kSocketPathBytesMax) return std::nullopt;
  return Problem{"a path of at most 107 bytes (unix(7)) instead of " + std::to_string(text.size())};
}

std::optional<int> zstd_level(std::string_view text) {
  if (text == "none") return std::nullopt;
  if (text == "zstd") return CompressionOptions{}.zstd_level;
  return number(text.substr(text.find(':') + 1));
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
