// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/form.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "crypto/base/utf8.h"

namespace edgeseal {
namespace {

constexpr std::size_t kQuotedMax = 60;
constexpr std::size_t kHostBytesMax = 255;  // RFC 1035 section 2.3.4

bool is_port(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0 && only(text, {kDigits});
}

bool is_ipv6(std::string_view text) {
  return only(text, {kDigits, "abcdefABCDEF", ":."}) && text.find(':') != std::string_view::npos;
}

/// A name or an IPv4 address.
bool is_name(std::string_view text) { return only(text, {kLower, kUpper, kDigits, "-._"}); }

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
    if (bracket == std::string_view::npos || !is_ipv6(text.substr(1, bracket - 1))) return false;
    host_end = bracket + 1 == text.size() ? std::string_view::npos : bracket + 1;
  } else if (!is_name(text.substr(0, host_end))) {
    return false;
  }
  const std::string_view host = text.substr(0, host_end);
  if (host.empty() || host.size() > kHostBytesMax) return false;
  if (host_end == std::string_view::npos) return true;
  return text[host_end] == ':' && is_port(text.substr(host_end + 1));
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= kHostBytesMax && (is_name(text) || is_ipv6(text));
}

tl::unexpected<Error> fail_form(std::string_view name, Problem problem, std::string_view found) {
  return fail_misfit({.setting = std::string(name), .problem = std::move(problem), .found = in_quotes(found)});
}

tl::unexpected<Error> fail_misfit(Misfit misfit) {
  return fail(Kind::invalid, misfit.setting + ": expected " + misfit.problem.expected + ", found " + misfit.found, {},
              std::move(misfit.problem.fix));
}

std::string in_quotes(std::string_view text) {
  const std::size_t end = text.size() > kQuotedMax ? utf8_boundary(text, kQuotedMax) : text.size();
  return "\"" + std::string(text.substr(0, end)) + (end < text.size() ? "…\"" : "\"");
}

}  // namespace edgeseal
