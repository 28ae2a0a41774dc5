// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/form.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace edgeseal {
namespace {

constexpr std::size_t kHostBytesMax = 255;  // RFC 1035 section 2.3.4

bool is_port(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0 && only(text, {kDigits});
}

}  // namespace

bool only(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::ranges::all_of(text, [&](char c) {
    return std::ranges::any_of(sets, [&](std::string_view set) { return set.find(c) != std::string_view::npos; });
  });
}

bool is_host_and_port(std::string_view text) {
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    const std::string_view address = text.substr(1, bracket - 1);
    if (!only(address, {kDigits, "abcdefABCDEF", ":."}) || address.find(':') == std::string_view::npos) return false;
    host_end = bracket + 1 == text.size() ? std::string_view::npos : bracket + 1;
  } else if (!only(text.substr(0, host_end), {kLower, kUpper, kDigits, "-._"})) {
    return false;
  }
  const std::string_view host = text.substr(0, host_end);
  if (host.empty() || host.size() > kHostBytesMax) return false;
  if (host_end == std::string_view::npos) return true;
  return text[host_end] == ':' && is_port(text.substr(host_end + 1));
}

tl::unexpected<Error> fail_form(std::string_view name, Problem problem, std::string_view found) {
  return fail(Kind::invalid,
              std::string(name) + ": expected " + problem.expected + ", found \"" + std::string(found) + "\"", {},
              std::move(problem.fix));
}

}  // namespace edgeseal
