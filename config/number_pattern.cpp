// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/number_pattern.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "crypto/base/ensure.h"

namespace edgeseal::config {
namespace {

std::string digits(char from, char to) {
  return from == to ? std::string(1, from) : std::string("[") + from + "-" + to + "]";
}

std::string any_digits(std::size_t count) {
  if (count == 0) return "";
  return count == 1 ? "[0-9]" : "[0-9]{" + std::to_string(count) + "}";
}

bool all(std::string_view text, char c) {
  return std::ranges::all_of(text, [c](char other) { return other == c; });
}

/// Appends alternatives for the numbers from `min` to `max`, which have as many digits, behind `prefix`.
void add(std::string& pattern, const std::string& prefix, std::string_view min, std::string_view max) {
  if (all(min, '0') && all(max, '9')) {
    pattern += (pattern.empty() ? "" : "|") + prefix + any_digits(min.size());
    return;
  }
  const std::string_view min_rest = min.substr(1);
  const std::string_view max_rest = max.substr(1);
  if (min[0] == max[0]) return add(pattern, prefix + min[0], min_rest, max_rest);
  char first = min[0];
  char last = max[0];
  if (!all(min_rest, '0')) add(pattern, prefix + first++, min_rest, std::string(min_rest.size(), '9'));
  const bool upper = !all(max_rest, '9');
  if (upper) --last;
  if (first <= last)
    pattern += (pattern.empty() ? "" : "|") + prefix + digits(first, last) + any_digits(min_rest.size());
  if (upper) add(pattern, prefix + max[0], std::string(max_rest.size(), '0'), max_rest);
}

}  // namespace

std::string number_pattern(std::uint64_t min, std::uint64_t max) {
  ENSURE(min <= max);
  const std::string lowest = std::to_string(min);
  const std::string highest = std::to_string(max);
  std::string pattern;
  for (std::size_t size = lowest.size(); size <= highest.size(); ++size) {
    const std::string from = size == lowest.size() ? lowest : "1" + std::string(size - 1, '0');
    add(pattern, "", from, size == highest.size() ? highest : std::string(size, '9'));
  }
  return "0*(" + pattern + ")";
}

}  // namespace edgeseal::config
